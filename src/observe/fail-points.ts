/**
 * Named moments at which a development service can be told to die, as if its power were cut: for the tests that show that it
 * goes on from there. Nothing of this exists unless a point is armed, and production cannot arm one (config.ts).
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** In the order in which a change passes them. */
export const FAIL_POINTS = [
  /** A new circle's key is about to be kept, or has just been, and the circle is not yet. */
  'keep-before',
  'keep-after',
  /** The next version of a key file is on the disk beside the old one. */
  'key-file-written',
  /** A change is about to be written, or durable and told to nobody. */
  'commit-before',
  'commit-after',
  /** All is done but the answer. */
  'answer-before',
  /** The queue is about to be told of it, or has been. */
  'hint-before',
  'hint-after',
  /** What time has brought is about to be written down, by a job or by the sweep, or has been and nobody knows. */
  'settle-before',
  'settle-after',
  /** The same of an outbox. */
  'relay-before',
  'relay-after',
  /** A notice went out and is still in the outbox. */
  'notice-after',
  'erase-before',
  'erase-after',
  /** The outbox is about to forget what was done, or has forgotten it. */
  'trim-before',
  'trim-after',
] as const
export type FailPoint = (typeof FAIL_POINTS)[number]

/** Instead of a point: those that files name while the process runs, see {@link dieWhenTold}. */
export const WHEN_TOLD = 'when-told'

/** Ends the process at once if that point is the armed one. */
export type PassPoint = (point: FailPoint) => void

/** SIGKILL, so that nothing of this process has a last word. */
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  // The signal may reach another thread first.
  for (;;);
}

/** `armed`: where to die. */
export const dieAt =
  (armed: FailPoint): PassPoint =>
  (point) => {
    if (point === armed) die()
  }

/**
 * Dies at each point for which a file of that name lies in `folder`, or kills the process whose id stands in it: another part
 * of the service, which is to be gone at that very moment. The file goes first, so each is good for one death.
 */
export const dieWhenTold =
  (folder: string): PassPoint =>
  (point) => {
    const order = join(folder, point)
    try {
      const victim = Number(readFileSync(order, 'utf8'))
      rmSync(order)
      if (victim === 0 || victim === process.pid) die()
      process.kill(victim, 'SIGKILL')
    } catch {
      // Nobody asked for it, another process was first, or the victim is gone already.
    }
  }

/** What a configuration asks for. `folder`: where the files of {@link dieWhenTold} lie. */
export const passPointOf = (armed: FailPoint | typeof WHEN_TOLD | null, folder: string): PassPoint | null => {
  if (armed === null) return null
  return armed === WHEN_TOLD ? dieWhenTold(folder) : dieAt(armed)
}

/** What is passed before a call of a method, told by its arguments, and after it; null for neither. */
type Points = (...args: readonly unknown[]) => {
  readonly before?: FailPoint
  readonly after?: FailPoint
}

/** The same object, whose asynchronous methods named in `around` pass those points. */
export const passing = <T extends object>(
  target: T,
  pass: PassPoint,
  around: Readonly<Partial<Record<keyof T, Points>>>,
): T =>
  new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const method = value.bind(target) as (...args: readonly unknown[]) => unknown
      const points = around[name as keyof T]
      if (points === undefined) return method
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const { before, after } = points(...args)
        if (before !== undefined) pass(before)
        const result = await method(...args)
        if (after !== undefined) pass(after)
        return result
      }
    },
  })

/** The parts of a service that have such moments. */
interface Parts<Records, Keys, Notices, UseCases> {
  readonly records: Records
  readonly keyStore: Keys
  readonly notices: Notices
  readonly useCases: UseCases
}

/** What the workers do, where no point is armed; else such as dies at it. */
export const handlersWithFailPoint = <
  H extends { readonly settleAccount: unknown; readonly relayAccount: unknown },
>(
  pass: PassPoint | null,
  handlers: H,
): H =>
  pass === null
    ? handlers
    : (passing<{ readonly settleAccount: unknown; readonly relayAccount: unknown }>(handlers, pass, {
        settleAccount: () => ({ before: 'settle-before', after: 'settle-after' }),
        relayAccount: () => ({ before: 'relay-before', after: 'relay-after' }),
      }) as H)

const hinting: Points = () => ({ before: 'hint-before', after: 'hint-after' })

/** The same of a queue backend: its queues, as they are added to. */
export const queuesWithFailPoint = <B extends { openQueue(name: never): object }>(
  pass: PassPoint | null,
  backend: B,
): B =>
  pass === null
    ? backend
    : {
        ...backend,
        openQueue: (name: never) =>
          passing<{ readonly add?: unknown; readonly addBulk?: unknown }>(backend.openQueue(name), pass, {
            add: hinting,
            addBulk: hinting,
          }),
      }

const erasing: Points = () => ({ before: 'erase-before', after: 'erase-after' })

/** The parts as they are where no point is armed; else such as die at it. */
export const withFailPoint = <
  R extends { readonly commit: unknown },
  K extends { readonly keep: unknown; readonly erase: unknown; readonly eraseBelow: unknown },
  N extends { readonly deliver: unknown },
  U extends object,
>(
  pass: PassPoint | null,
  parts: Parts<R, K, N, U>,
): Parts<R, K, N, U> => {
  if (pass === null) return parts
  const names = Object.keys(parts.useCases) as (keyof U)[]
  return {
    records: passing<{ readonly commit: unknown }>(parts.records, pass, {
      // The outbox alone writes down what it has relayed.
      commit: (_, conditions) =>
        (conditions as { readonly entries?: unknown }).entries === undefined
          ? { before: 'commit-before', after: 'commit-after' }
          : { before: 'trim-before', after: 'trim-after' },
    }) as R,
    keyStore: passing<Pick<K, 'keep' | 'erase' | 'eraseBelow'>>(parts.keyStore, pass, {
      keep: () => ({ before: 'keep-before', after: 'keep-after' }),
      erase: erasing,
      eraseBelow: erasing,
    }) as K,
    notices: passing<{ readonly deliver: unknown }>(parts.notices, pass, {
      deliver: () => ({ after: 'notice-after' }),
    }) as N,
    useCases: passing(
      parts.useCases,
      pass,
      Object.fromEntries(names.map((name) => [name, () => ({ after: 'answer-before' })])) as Partial<
        Record<keyof U, Points>
      >,
    ),
  }
}
