/**
 * A real mail server on loopback, with a box in which everything is kept that it took.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface PostOffice {
  readonly port: number
  /** As they came over the line. */
  readonly raw: readonly string[]
  /** Connections so far. */
  readonly connections: () => number
  read(): Promise<readonly ParsedMail[]>
  close(): Promise<void>
}

/** Answers with this instead of taking a mail: at which step, and which reply of RFC 5321. */
export interface Refusal {
  readonly at: 'connect' | 'login' | 'sender' | 'recipient' | 'message'
  readonly code: number
  readonly text?: string
}

export interface PostOfficeOptions {
  /** Offers STARTTLS with this; without, none. */
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly login?: { readonly user: string; readonly password: string }
  readonly refusal?: Refusal
  /** How long it takes over a step before it answers. */
  readonly tookMs?: Partial<Record<Refusal['at'], number>>
}

export const openPostOffice = async ({
  tls,
  login,
  refusal,
  tookMs = {},
}: PostOfficeOptions = {}): Promise<PostOffice> => {
  const raw: string[] = []
  let connections = 0
  const refuse = (at: Refusal['at']): Error | null =>
    refusal?.at === at
      ? Object.assign(new Error(refusal.text ?? 'planted'), { responseCode: refusal.code })
      : null
  const later = (at: Refusal['at'], answer: () => void): void => void setTimeout(answer, tookMs[at] ?? 0)
  const server = new SMTPServer({
    ...(tls === undefined ? { disabledCommands: ['STARTTLS', ...(login ? [] : ['AUTH'])] } : tls),
    authOptional: login === undefined,
    allowInsecureAuth: true,
    logger: false,
    onConnect: (_session, done) => {
      connections += 1
      later('connect', () => done(refuse('connect')))
    },
    onAuth: ({ username, password }, _session, done) => {
      const isRight = username === login?.user && password === login?.password
      const error =
        refuse('login') ?? (isRight ? null : Object.assign(new Error('no'), { responseCode: 535 }))
      done(error, error === null ? { user: username } : undefined)
    },
    onMailFrom: (_address, _session, done) => later('sender', () => done(refuse('sender'))),
    onRcptTo: (_address, _session, done) => later('recipient', () => done(refuse('recipient'))),
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const error = refuse('message')
        later('message', () => {
          if (error === null) raw.push(Buffer.concat(chunks).toString('latin1'))
          done(error)
        })
      })
    },
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    raw,
    connections: () => connections,
    read: () => Promise.all(raw.map((text) => simpleParser(Buffer.from(text, 'latin1')))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
