/**
 * Somebody between the SDK and the service, with a valid certificate as it were: passes every HTTP request on, and may change
 * what either side gets to see.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AnswerOf,
  type BodyOf,
  OPERATIONS,
  OPERATION_NAMES,
  type OperationName,
} from '@holdfast/client/protocol'

interface Change<N extends OperationName> {
  /** What the service gets. */
  readonly body?: (body: BodyOf<N>) => BodyOf<N> | Promise<BodyOf<N>>
  /** Answers by itself; the service hears nothing of it. */
  readonly instead?: (body: BodyOf<N>) => AnswerOf<N> | Promise<AnswerOf<N>>
  /** What the client gets. */
  readonly answer?: (answer: AnswerOf<N>) => AnswerOf<N> | Promise<AnswerOf<N>>
}

export interface Relay {
  readonly url: string
  /** How often each operation was changed on its way. */
  readonly changed: ReadonlyMap<OperationName, number>
  /** From now on, until {@link Relay.behave}. */
  change<N extends OperationName>(name: N, change: Change<N>): void
  behave(): void
  close(): Promise<void>
}

type AnyChange = { readonly [P in 'body' | 'answer' | 'instead']?: (value: unknown) => unknown }

const operationOf = (method: string, path: string): OperationName | undefined =>
  OPERATION_NAMES.find((name) => {
    const pattern = OPERATIONS[name].path.replaceAll(/:\w+/g, '[^/]+')
    return OPERATIONS[name].method === method && new RegExp(`^${pattern}$`).test(path)
  })

const bodyOf = async (request: AsyncIterable<unknown>): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const PASSED_ON = ['content-type', 'authorization', 'idempotency-key', 'accept']

export const openRelay = async (target: string): Promise<Relay> => {
  const changes = new Map<OperationName, AnyChange>()
  const changed = new Map<OperationName, number>()
  const apply = async (name: OperationName | undefined, part: keyof AnyChange, text: string) => {
    const change = name === undefined ? undefined : changes.get(name)?.[part]
    if (name === undefined || change === undefined) return text
    const after = JSON.stringify(await change(JSON.parse(text)))
    if (after !== text) changed.set(name, (changed.get(name) ?? 0) + 1)
    return after
  }
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const { method = 'GET', url = '/' } = request
      const name = operationOf(method, new URL(url, target).pathname)
      const headers: Record<string, string> = {}
      for (const header of PASSED_ON) {
        const value = request.headers[header]
        if (typeof value === 'string') headers[header] = value
      }
      const init: RequestInit = { method, headers }
      const sent = method === 'POST' ? await bodyOf(request) : '{}'
      if (name !== undefined && changes.get(name)?.instead !== undefined) {
        const made = await apply(name, 'instead', sent)
        response.writeHead(OPERATIONS[name].status, { 'content-type': 'application/json' }).end(made)
        return
      }
      if (method === 'POST') init.body = await apply(name, 'body', sent)
      const answer = await fetch(`${target}${url}`, init)
      const text = await answer.text()
      const shown = answer.ok ? await apply(name, 'answer', text) : text
      const type = answer.headers.get('content-type') ?? 'application/json'
      response.writeHead(answer.status, { 'content-type': type }).end(shown)
    }
    pass().catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    changed,
    change: (name, change) => void changes.set(name, change as unknown as AnyChange),
    behave() {
      changes.clear()
      changed.clear()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
