/** docs/SECURITY.md lists the attacks that the design knows, each with what meets it and the tests that show it fail. */
import { expect, it } from 'vitest'
import { missingTests, namedIn, readDocument, rowsOf, sectionOf } from '../support/named-tests.ts'

const ATTACKS = [
  "The service swaps a contact's key",
  "The service swaps the requester's keys, or serves a false core",
  'A code is ground by many sessions',
  'An old epoch is served',
  'An approval is replayed to another request',
  'A share is corrupt, has x = 0, is relabelled or foreign',
  'Two keys open one ciphertext',
  '`t` contacts collude',
  'A contact who was removed uses its share',
  'A phone thief changes or deletes the circle, or vetoes for ever',
  'A change is used to kill a recovery, or a recovery to block changes',
  'The queue fires early, twice, or never',
  'A restored backup revives a request or an erased factor',
  'A stranger floods with requests',
  'Enumeration of accounts',
  'A thief of a token edits the policy',
  'Pressure on contacts',
  'A rogue app backend',
]

const rows = rowsOf(sectionOf(readDocument('docs/SECURITY.md'), '## Attacks'))

it('every attack that the design knows is in the table', () => {
  expect(rows.map(([attack]) => attack)).toEqual(expect.arrayContaining(ATTACKS))
})

it.each(rows)('%s: met, and shown to be', (attack, measure, tests = '') => {
  expect(attack).not.toBe('')
  expect(measure).not.toBe('')
  expect(namedIn(tests).length).toBeGreaterThan(0)
  expect(missingTests(tests)).toEqual([])
})

it('a test that does not exist is noticed', () => {
  expect(missingTests('`test/meta/nowhere.test.ts` “x”')).toHaveLength(1)
  expect(missingTests('`test/meta/attacks.test.ts` “never written”')).toHaveLength(1)
  const own = '`test/meta/attacks.test.ts` “a test that does not exist is noticed”'
  expect([namedIn(own).length, missingTests(own)]).toEqual([1, []])
})
