/**
 * The load generator: a process of its own, so that it shares no thread with what it measures. Takes one job at a time from
 * its parent and answers with what it saw.
 */
import { randomBytes } from 'node:crypto'
import {
  Secret,
  answerChallenge,
  canonicalize,
  fromBase64url,
  signMessage,
  signText,
  type DecisionBody,
  type DecisionProofBody,
} from '@holdfast/client/protocol'
import { HttpLine, type Asked } from './http-line.ts'

/** A device that signs in. */
export interface Device {
  readonly account: string
  readonly seed: string
}

/** One contact's place in a request: what it takes to approve again and again. */
export interface Approver {
  readonly token: string
  /** The contact's signing seed and the share's check seed. */
  readonly signing: string
  readonly check: string
  readonly body: Omit<DecisionBody, 'sequence'>
  readonly sealed: string
}

export interface Job {
  /** Of processes that share the work: each connection is to the next of them. */
  readonly urls: readonly string[]
  /** Requests, or pairs of requests, in all. */
  readonly count: number
  readonly connections: number
  readonly work:
    | { readonly kind: 'sign-in'; readonly service: string; readonly devices: readonly Device[] }
    | { readonly kind: 'status'; readonly tokens: readonly string[] }
    | { readonly kind: 'approve'; readonly firstSequence: number; readonly approvers: readonly Approver[] }
}

export interface Seen {
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
  /** Status of each answer that was no success, and how often. */
  readonly failures: Readonly<Record<string, number>>
}

/** Asks once, and returns the status of the last answer. */
type Turn = (line: HttpLine) => Promise<number>

const secretOf = (text: string): Secret => Secret.of(fromBase64url(text) ?? new Uint8Array(0))
const newKey = (): string => randomBytes(16).toString('base64url')
const post = (path: string, body: unknown, token?: string): Asked => ({
  method: 'POST',
  path,
  key: newKey(),
  body: JSON.stringify(body),
  ...(token !== undefined && { token }),
})

const signingIn =
  (service: string, account: string, seed: Secret): Turn =>
  async (line) => {
    const asked = await line.ask(post('/v1/challenges', { account }))
    if (asked.status !== 201) return asked.status
    const { challenge } = JSON.parse(asked.body) as { challenge: string }
    const message = await answerChallenge({ service, account, recovery: null, challenge, seed })
    return (await line.ask(post('/v1/sessions', { message }))).status
  }

const approving = async (
  { token, signing, check, body, sealed }: Approver,
  sequence: number,
  secrets: Map<string, Secret>,
): Promise<Turn> => {
  const seedOf = (text: string): Secret => {
    const known = secrets.get(text) ?? secretOf(text)
    secrets.set(text, known)
    return known
  }
  const { owner: _owner, recovery: _recovery, contact: _contact, ...about } = body
  const proofBody: DecisionProofBody = { ...about, sequence }
  const asked = post(
    '/v1/approvals/decisions',
    {
      message: await signMessage('decision', { ...body, sequence }, seedOf(signing)),
      proof: await signText('decision-proof', canonicalize(proofBody), seedOf(check)),
      sealed,
    },
    token,
  )
  return async (line) => (await line.ask(asked)).status
}

/** The turns of each connection. Everything that can be signed ahead is. */
const turnsOf = async ({ work, count, connections }: Job): Promise<Turn[][]> => {
  const lanes = Array.from({ length: connections }, (): Turn[] => [])
  const secrets = new Map<string, Secret>()
  const devices =
    work.kind === 'sign-in'
      ? work.devices.map(({ account, seed }) => ({ account, seed: secretOf(seed) }))
      : []
  for (let index = 0; index < count; index += 1) {
    const lane = lanes[index % connections] as Turn[]
    if (work.kind === 'sign-in') {
      const { account, seed } = devices[index % devices.length] as (typeof devices)[number]
      lane.push(signingIn(work.service, account, seed))
    } else if (work.kind === 'status') {
      const token = work.tokens[index % work.tokens.length] as string
      lane.push(async (line) => (await line.ask({ method: 'GET', path: '/v1/account', token })).status)
    } else {
      // The same owners always come over the same connection: nobody waits for another's turn at an account.
      const own = work.approvers.filter((_, at) => at % connections === index % connections)
      const step = Math.floor(index / connections)
      const sequence = work.firstSequence + Math.floor(step / own.length)
      lane.push(await approving(own[step % own.length] as Approver, sequence, secrets))
    }
  }
  return lanes
}

const run = async (job: Job): Promise<Seen> => {
  const lanes = await turnsOf(job)
  const lines = await Promise.all(
    lanes.map((_, at) => HttpLine.open(job.urls[at % job.urls.length] as string)),
  )
  const latenciesMs: number[] = []
  const failures: Record<string, number> = {}
  const startedAt = performance.now()
  await Promise.all(
    lanes.map(async (turns, index) => {
      for (const turn of turns) {
        const from = performance.now()
        const status = await turn(lines[index] as HttpLine)
        latenciesMs.push(performance.now() - from)
        if (status !== 200 && status !== 201) failures[status] = (failures[status] ?? 0) + 1
      }
    }),
  )
  const elapsedMs = performance.now() - startedAt
  for (const line of lines) line.close()
  return { elapsedMs, latenciesMs, failures }
}

process.on('message', (job: Job) => {
  run(job).then(
    (seen) => process.send?.(seen),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
