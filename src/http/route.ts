/**
 * One operation over HTTP. Reads as it works: limit, authenticate, validate, authorise, act, present.
 */
import {
  type BodyOf,
  HoldfastError,
  OPERATIONS,
  outcomesOf,
  type ErrorCode,
  type Operation,
  type OperationName,
} from '@holdfast/client/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, RequestHandler, Response } from 'express'
import type { Log } from '../observe/log.ts'
import { askedTogether } from '../use-cases/asked-together.ts'
import { currentCaller } from '../use-cases/authorise.ts'
import type { Deps, Input, UseCases } from '../use-cases/use-cases.ts'
import { authenticate } from './authenticate.ts'
import { bodyReader } from './body.ts'
import { accountAbout, readInput } from './input.ts'
import type { Opening, RateLimits } from './limits.ts'
import { refusalOf } from './problem.ts'
import type { Repeats } from './repeats.ts'
import { statedSubject } from './tickets.ts'

export interface RouteParts {
  readonly deps: Deps
  readonly useCases: UseCases
  readonly limits: RateLimits
  readonly repeats: Repeats
  readonly log: Log
  /** Hold answers against the table before they leave. Costs time: for development and tests. */
  readonly checkAnswers: boolean
  /** How long an operation may take. */
  readonly timeoutMs: number
}

/**
 * What strangers may ask about an account. Reading a record that holds much takes longer than finding none: such answers leave no
 * sooner than this, so that their time does not tell which accounts there are. Whoever does sign in need not wait.
 */
const EVENED: Partial<Record<OperationName, 'every answer' | 'refusals'>> = {
  veto: 'every answer',
  cancelChange: 'every answer',
  openRecovery: 'every answer',
  createSession: 'refusals',
}
const EVENED_MS = 15

const withinTime = async <A>(work: Promise<A>, timeoutMs: number): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HoldfastError('timeout')), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What an anonymous caller may use up: see limits.ts for why a veto is not among it. */
const limitAnonymous = async (
  name: OperationName,
  body: unknown,
  address: string,
  limits: RateLimits,
): Promise<Opening | null> => {
  const account = name === 'veto' || name === 'cancelChange' ? null : accountAbout(body)
  if (account === null) return null
  await limits.about(account, address)
  if (name !== 'openRecovery') return null
  const { ticket } = body as BodyOf<'openRecovery'>
  const opening = { account, ticket, subject: statedSubject(ticket) }
  await limits.mayOpen(opening)
  return opening
}

export const routeOf = <N extends OperationName>(name: N, parts: RouteParts): RequestHandler => {
  const { deps, useCases, limits, repeats, log, checkAnswers, timeoutMs } = parts
  const operation: Operation = OPERATIONS[name]
  const readBody = operation.method === 'POST' ? bodyReader(operation) : null
  // For how long a token or an answer counts, milliseconds do not matter: read for all requests of a moment.
  const storeNow = askedTogether(() => deps.records.now())
  const documented: ReadonlySet<ErrorCode> = new Set(outcomesOf(name))

  const serve = async (request: Request, response: Response): Promise<unknown> => {
    const address = request.ip ?? 'unknown'
    await limits.address(address)
    const { authorization } = request.headers
    let read: Promise<number> | undefined
    const now = (): Promise<number> => (read ??= storeNow())
    const caller = await authenticate(operation.caller, authorization, deps.tokens, now)
    if (caller !== null) await limits.caller(caller, name)
    const body = await readBody?.(request, response)
    const input: Input<N> = readInput(operation, caller, {
      params: request.params,
      query: request.query,
      body,
    })
    const opening = caller === null ? await limitAnonymous(name, body, address, limits) : null
    const answer = await repeats({
      name,
      caller,
      key: operation.method === 'POST' ? request.get('idempotency-key') : undefined,
      body,
      authorise: async () => (caller === null ? null : currentCaller(deps, caller)),
      act: () => useCases[name](deps, input),
      now,
    })
    if (opening !== null) await limits.opened(opening)
    return answer
  }

  /** An answer outside the table is a defect of ours, and is not let out. */
  const present = (response: Response, answer: unknown): void => {
    if (checkAnswers && !operation.answer.safeParse(answer).success) {
      log('error', 'answer_undocumented', { operation: name, status: operation.status })
      throw new HoldfastError('internal')
    }
    response.status(operation.status).json(answer)
  }

  return async (request, response) => {
    response.locals['operation'] = name
    // Begun before the work, so that the moment of the answer owes nothing to it.
    const evened = name in EVENED ? sleep(EVENED_MS) : null
    const serving = withinTime(serve(request, response), timeoutMs)
    if (EVENED[name] === 'every answer') await Promise.allSettled([serving, evened])
    const answer = await serving.catch(async (thrown: unknown) => {
      await evened
      const refusal = refusalOf(thrown)
      if (documented.has(refusal.code)) throw thrown
      log('error', 'answer_undocumented', { operation: name, code: refusal.code })
      throw new HoldfastError('internal', { cause: thrown })
    })
    present(response, answer)
  }
}
