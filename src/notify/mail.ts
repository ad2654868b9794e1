/**
 * Mail, by SMTP over a few connections that are kept open.
 */
import { createTransport } from 'nodemailer'
import type { MailConfig } from '../config-notices.ts'
import type { SendOutcome, Telling } from '../use-cases/channels.ts'
import { html, plainText } from './mail-layout.ts'
import { messageOf, type Sender } from './message.ts'
import { SENT, WAITING, failed } from './outcome.ts'
import { openSlots } from './slots.ts'
import { tellingName } from './telling-name.ts'

export interface Mail {
  send(address: string, telling: Telling, sender: Sender): Promise<SendOutcome>
  close(): void
}

/** For each step of a conversation; a telling is given up, to be tried again, after {@link WHOLE_MS} of all of them. */
const STEP_MS = 6_000
const WHOLE_MS = 12_000
/** For a connection to be free. With the time of a try it is less than a run of the mailroom may take. */
const LINE_MS = 15_000
const CONNECTIONS = 4

/** What people can be reached at, and a header cannot be broken by. Held to here again, wherever the address came from. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$/

interface SmtpError {
  readonly code?: unknown
  readonly command?: unknown
  readonly responseCode?: unknown
  /** What the server said, whole. */
  readonly response?: unknown
}

/** RFC 3463: x.1.y is about the address. A server that says nothing of the kind may mean it. */
const isAboutAddress = (response: unknown): boolean => {
  const [, subject = '1'] = /^\d{3}[ -]5\.(\d{1,3})\.\d{1,3}\b/.exec(String(response)) ?? []
  return subject === '1'
}

/**
 * RFC 5321, 4.2.1: 4yz may work later. 5yz ends it only where it says that there is no such address: a quota that is used up, or a
 * policy, is told with 5yz too, and passes. Before the recipient is named it means that the server does not want this service at
 * all, which its operator can mend.
 */
const outcomeOf = ({ code, command, responseCode, response }: SmtpError): SendOutcome => {
  if (code === 'EAUTH' || code === 'ETLS' || code === 'ENOAUTH') return failed('misconfigured', true)
  if (typeof responseCode !== 'number') return failed('unreachable', true)
  if (responseCode < 500) return failed('throttled', true)
  if (command === 'RCPT TO') return failed('refused', !isAboutAddress(response))
  return command === 'DATA' ? failed('refused', true) : failed('misconfigured', true)
}

const tlsOptions = (tls: MailConfig['tls']) => ({
  secure: tls === 'implicit',
  requireTLS: tls === 'required',
  ignoreTLS: tls === 'none',
})

/** `ca`: certificate that is trusted instead of the system's; for tests. */
export const openMail = ({ host, port, tls, login, from }: MailConfig, ca?: string): Mail => {
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    host,
    port,
    ...tlsOptions(tls),
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(login === null
      ? {}
      : { auth: { user: login.user, pass: new TextDecoder().decode(login.password.expose()) } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    logger: false,
    // What is sent is words of ours: nothing in it may name a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  // A pool that fails says so to whoever sends, and has nobody else to tell.
  transport.on('error', () => undefined)
  const domain = from.address.slice(from.address.indexOf('@') + 1)
  // A line of its own: who waits in the pool's would use up the time of a try, and be taken for a server that does not answer.
  const slots = openSlots(CONNECTIONS, LINE_MS)
  return {
    async send(address, telling, sender) {
      if (!ADDRESS.test(address)) return failed('refused', false)
      const message = messageOf(telling, sender)
      if (!(await slots.take())) return WAITING
      return transport
        .sendMail({
          from,
          to: { name: '', address },
          subject: `${sender.name}: ${message.title}`,
          messageId: `<${tellingName(telling.id)}@${domain}>`,
          text: plainText(message),
          html: html(message),
          headers: {
            // RFC 3834: no out-of-office answers to this.
            'auto-submitted': 'auto-generated',
            'content-language': message.language,
          },
          // Ends the conversation too: a mail that was given up must not go out later, and once more with the next try.
          signal: AbortSignal.timeout(WHOLE_MS),
        })
        .then(
          () => SENT,
          (error: unknown) => outcomeOf(error as SmtpError),
        )
        .finally(() => slots.give())
    },
    close() {
      slots.close()
      transport.close()
    },
  }
}
