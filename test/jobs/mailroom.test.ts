/** The mailroom: many accounts side by side, each one after the other, and a slow one holds up nobody. */
import { expect, test } from 'vitest'
import type { Incident } from '../../src/jobs/incident.ts'
import { openMailroom } from '../../workers/mailroom.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Tellings that end when the test says so. */
const opened = (options: { readonly atATime?: number; readonly closeWithinMs?: number } = {}) => {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const incidents: Incident[] = []
  const mailroom = openMailroom({
    report: (incident) => void incidents.push(incident),
    tellPeople: (account) => {
      begun.push(account)
      return new Promise((resolve, reject) => {
        ends.set(account, (error) => (error === undefined ? resolve() : reject(error)))
      })
    },
    ...options,
  })
  const end = async (account: string, error?: Error): Promise<void> => {
    ends.get(account)?.(error)
    await turn()
  }
  return { mailroom, begun, incidents, end }
}

test('as many at a time as it may, and the next as soon as one has ended', async () => {
  const { mailroom, begun, end } = opened({ atATime: 2 })
  for (const account of ['a', 'b', 'c', 'd']) mailroom.tell(account)
  await turn()
  expect(begun).toEqual(['a', 'b'])
  await end('b')
  expect(begun).toEqual(['a', 'b', 'c'])
  await end('a')
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
})

test('one account is never told by two at once, and what came meanwhile is told after it', async () => {
  const { mailroom, begun, end } = opened()
  mailroom.tell('a')
  await turn()
  mailroom.tell('a')
  mailroom.tell('a')
  await turn()
  expect(begun).toEqual(['a'])
  await end('a')
  expect(begun).toEqual(['a', 'a'])
  await end('a')
  expect(begun).toEqual(['a', 'a'])
})

test('a slow account keeps one place, however often it is to be told', async () => {
  const { mailroom, begun, end } = opened({ atATime: 2 })
  for (let times = 0; times < 5; times += 1) {
    mailroom.tell('slow')
    await turn()
  }
  mailroom.tell('b')
  await turn()
  expect(begun).toEqual(['slow', 'b'])
  mailroom.tell('c')
  await end('b')
  expect(begun).toEqual(['slow', 'b', 'c'])
  await end('slow')
  expect(begun).toEqual(['slow', 'b', 'c', 'slow'])
})

test('an account that is told again still counts as one of those at a time', async () => {
  const { mailroom, begun, end } = opened({ atATime: 2 })
  mailroom.tell('slow')
  await turn()
  mailroom.tell('slow')
  mailroom.tell('b')
  await turn()
  await end('slow')
  expect(begun).toEqual(['slow', 'b', 'slow'])
  mailroom.tell('c')
  await turn()
  expect(begun).toEqual(['slow', 'b', 'slow'])
  await end('b')
  expect(begun).toEqual(['slow', 'b', 'slow', 'c'])
})

test('a failure is reported by its code, and keeps nobody else from being told', async () => {
  const { mailroom, begun, incidents, end } = opened({ atATime: 1 })
  mailroom.tell('a')
  mailroom.tell('b')
  await turn()
  await end('a', Object.assign(new Error('ada@example.org'), { code: 'ECONN' }))
  expect(incidents).toEqual([{ event: 'telling_failed', account: 'a', code: 'ECONN' }])
  expect(begun).toEqual(['a', 'b'])
})

test('closing waits for what is on its way, but not for ever, and begins nothing more', async () => {
  const { mailroom, begun, end } = opened({ atATime: 1 })
  mailroom.tell('a')
  mailroom.tell('b')
  await turn()
  let isClosed = false
  const closing = mailroom.close().then(() => (isClosed = true))
  await turn()
  expect(isClosed).toBe(false)
  await end('a')
  await closing
  mailroom.tell('c')
  await turn()
  expect(begun).toEqual(['a'])

  const slow = opened({ closeWithinMs: 50 })
  slow.mailroom.tell('a')
  await turn()
  await slow.mailroom.close()
})
