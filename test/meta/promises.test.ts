/** What README and docs/SECURITY.md promise, each with the tests that show it. */
import { expect, it } from 'vitest'
import { missingTests, namedIn, readDocument, rowsOf, sectionOf } from '../support/named-tests.ts'

const security = readDocument('docs/SECURITY.md')
const readme = readDocument('README.md')

const promised = new Map(
  rowsOf(sectionOf(security, '## Promises and the tests that show them')).map(
    ([promise = '', tests = '']) => [promise, tests],
  ),
)

/** Of whom nothing is promised. */
const UNPROMISED = new Set(['service and `t` contacts together'])

const parties = rowsOf(sectionOf(readme, '## Who can do what, if malicious'))
  .map(([party = '']) => party)
  .filter((party) => !UNPROMISED.has(party))

const guarantees = [...sectionOf(security, '## Guarantees').matchAll(/^- \*\*(.+?)\.?\*\*/gm)].map(
  ([, guarantee = '']) => guarantee,
)

it('README says of every party what it cannot do, and SECURITY what is guaranteed', () => {
  expect(parties.length).toBeGreaterThanOrEqual(8)
  expect(guarantees.length).toBeGreaterThanOrEqual(8)
})

it.each([...parties, ...guarantees])('“%s” names its tests', (promise) => {
  expect([...promised.keys()]).toContain(promise)
  expect(namedIn(promised.get(promise) ?? '').length).toBeGreaterThan(0)
})

it('nothing is listed that is not promised', () => {
  expect([...promised.keys()].filter((key) => ![...parties, ...guarantees].includes(key))).toEqual([])
})

it('every test that README, SECURITY and PROTOCOL name exists', () => {
  for (const document of ['README.md', 'docs/SECURITY.md', 'client-sdk/PROTOCOL.md'])
    expect(missingTests(readDocument(document)), document).toEqual([])
})
