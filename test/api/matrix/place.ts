/**
 * A running service as the actors of test/support know a world: everything they do goes over HTTP, and time passes by itself.
 */
import {
  type AnswerOf,
  type ErrorCode,
  HoldfastError,
  OPERATIONS,
  type OperationName,
  type Signed,
} from '@holdfast/client/protocol'
import { relayOutbox } from '../../../src/use-cases/relay-outbox.ts'
import { settleAccount } from '../../../src/use-cases/settle-account.ts'
import type { Caller } from '../../../src/use-cases/ports.ts'
import { startService, type TestService } from '../../support/service.ts'
import { appsSetting } from '../../support/story-stage.ts'
import { newApp, type TestApp } from '../../support/test-app.ts'
import type { Given, Ground } from '../../support/world.ts'

/** All that can be seen of an answer, but for its date. */
export interface Seen {
  readonly status: number
  readonly headers: string
  readonly text: string
}

export interface Place extends Ground {
  readonly service: TestService
  readonly otherApp: TestApp
  /** A token of this caller, which runs out `fromNowMs` after it would. */
  token(caller: Caller, fromNowMs?: number): Promise<string>
  /** Sends a request and says what came back. */
  send(name: OperationName, given: Omit<Given<OperationName>, 'caller'>, token?: string): Promise<Seen>
  /** Revision of an account once all that time brings has come, and nothing is on its way any more; 0 for one that is not there. */
  revision(account: string): Promise<number>
  close(): Promise<void>
}

/** `ok`, or the code of the refusal. */
export const outcomeOf = ({ status, text }: Seen): 'ok' | ErrorCode =>
  status < 300 ? 'ok' : (JSON.parse(text) as { code: ErrorCode }).code

const pathOf = (name: OperationName, params: object, query: object): string => {
  const path = Object.entries(params).reduce<string>(
    (filled, [key, value]) => filled.replace(`:${key}`, encodeURIComponent(String(value))),
    OPERATIONS[name].path,
  )
  const search = new URLSearchParams(query as Record<string, string>).toString()
  return search === '' ? path : `${path}?${search}`
}

export const openPlace = async (): Promise<Place> => {
  const [app, otherApp] = [newApp('letters', Date.now), newApp('parcels', Date.now)]
  const service = await startService({
    queue: 'none',
    env: {
      HOLDFAST_APPS: appsSetting([app, otherApp]),
      HOLDFAST_BACK_OFF_SECONDS: '0',
      // Nothing is to move but by what is sent.
      HOLDFAST_SWEEP_SECONDS: '60',
    },
  })
  const { deps } = service.service
  const token: Place['token'] = async (caller, fromNowMs = 0) =>
    (await deps.tokens.issue(caller, Date.now() + fromNowMs)).token
  const send: Place['send'] = async (name, { params = {}, query = {}, body }, bearer) => {
    const { method } = OPERATIONS[name]
    const headers: Record<string, string> = {}
    if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`
    const init: RequestInit = { method, headers }
    if (method === 'POST') {
      headers['content-type'] = 'application/json'
      init.body = JSON.stringify(body)
    }
    const answer = await fetch(`${service.url}${pathOf(name, params, query)}`, init)
    const kept = [...answer.headers].filter(([header]) => header !== 'date')
    return { status: answer.status, headers: JSON.stringify(kept), text: await answer.text() }
  }
  return {
    service,
    deps,
    app,
    otherApp,
    now: Date.now,
    token,
    send,
    async call(name, { caller, ...given } = {}) {
      const seen = await send(name, given, caller === undefined ? undefined : await token(caller))
      const outcome = outcomeOf(seen)
      if (outcome !== 'ok') throw new HoldfastError(outcome, { cause: name })
      return JSON.parse(seen.text) as AnswerOf<typeof name>
    },
    async revision(account) {
      await settleAccount(deps)(account)
      await relayOutbox(deps)(account)
      return (await deps.records.load(account))?.account.revision ?? 0
    },
    close: () => service.close(),
  }
}

export type Body = { readonly message: Signed } & Readonly<Record<string, unknown>>
