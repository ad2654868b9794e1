/**
 * People who go on as ever while the service is busy: contacts who approve, on one process, and owners who watch, on another.
 */
import { io, type Socket } from 'socket.io-client'
import { setTimeout as pause } from 'node:timers/promises'
import { Generator } from './load-rounds.ts'
import { quantile } from './sampling.ts'
import type { ScaledSet } from './scaled-set.ts'

export interface ProbeFigures {
  readonly count: number
  /** From the answer to the approval, when it was durable, until the owner's socket heard of it. 0: heard before. */
  readonly eventP50Ms: number
  readonly eventP99Ms: number
  /** From asking to the answer. */
  readonly answerP99Ms: number
  /** Approved, and not heard of within ten seconds. */
  readonly missed: number
  /** Not approved: answers that were no success. */
  readonly refused: number
}

const EVERY_MS = 40
const WITHIN_MS = 10_000
/** Above every number that the loads before this have used. */
const FIRST_SEQUENCE = 500_000

const connect = (url: string, token: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token },
    })
    socket.once('connect', () => resolve(socket))
    socket.once('connect_error', reject)
  })

/** Starts at once and goes on until it is stopped. */
export const startProbe = async (set: ScaledSet): Promise<{ stop(): Promise<ProbeFigures> }> => {
  const { approvers, tokens } = set.seeded
  const [near, far] = set.api
  const generator = new Generator()
  const heard = new Map<string, number[]>()
  const sockets = await Promise.all(
    tokens.map(async (token) => {
      const socket = await connect(far?.url ?? '', token)
      socket.on('changed', ({ event, account }: { readonly event: string; readonly account: string }) => {
        if (event === 'recovery-answered') heard.set(account, [...(heard.get(account) ?? []), Date.now()])
      })
      return socket
    }),
  )
  const eventMs: number[] = []
  const answerMs: number[] = []
  let [missed, refused, stopped, turn] = [0, 0, false, 0]

  /** One approval, and whether its owner hears of it. */
  const approve = async (): Promise<void> => {
    const approver = approvers[turn % approvers.length]
    if (approver === undefined) return
    turn += 1
    const { owner } = approver.body
    const before = heard.get(owner)?.length ?? 0
    const { latenciesMs, failures } = await generator.run({
      urls: [near?.url ?? ''],
      count: 1,
      connections: 1,
      work: { kind: 'approve', firstSequence: FIRST_SEQUENCE + turn, approvers: [approver] },
    })
    const answeredAt = Date.now()
    answerMs.push(...latenciesMs)
    if (Object.keys(failures).length > 0) {
      refused += 1
      return
    }
    while ((heard.get(owner)?.length ?? 0) <= before && Date.now() < answeredAt + WITHIN_MS) await pause(1)
    const at = heard.get(owner)?.[before]
    if (at === undefined) missed += 1
    else eventMs.push(Math.max(0, at - answeredAt))
  }
  const running = (async () => {
    while (!stopped) {
      await approve()
      await pause(EVERY_MS)
    }
  })()
  running.catch(() => undefined)

  return {
    async stop() {
      stopped = true
      try {
        await running
      } finally {
        for (const socket of sockets) socket.disconnect()
        generator.close()
      }
      return {
        count: answerMs.length,
        eventP50Ms: quantile(eventMs, 0.5),
        eventP99Ms: quantile(eventMs, 0.99),
        answerP99Ms: quantile(answerMs, 0.99),
        missed,
        refused,
      }
    },
  }
}
