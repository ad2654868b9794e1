/**
 * How people are reached who are not connected: a part of config.ts. Each channel is offered where it is configured.
 */
import { Secret } from '@holdfast/client/protocol'
import { z } from 'zod'
import { isLoopback } from './config-apps.ts'
import { setting, type ConfigReader } from './config-reader.ts'

export interface NoticesConfig {
  /** Where people reach this service in a browser, without a slash at its end. Null: mails have no link to stop a request. */
  readonly publicUrl: string | null
  readonly mail: MailConfig | null
  readonly push: PushConfig | null
  /** Whether addresses of this machine may be called, which in earnest nobody may make the service do. */
  readonly development: boolean
}

export interface MailConfig {
  readonly host: string
  readonly port: number
  /** `implicit`: from the first byte. `required`: by STARTTLS, or nothing is sent. `none`: what is sent can be read on the way. */
  readonly tls: 'implicit' | 'required' | 'none'
  readonly login: { readonly user: string; readonly password: Secret } | null
  readonly from: { readonly name: string; readonly address: string }
}

export interface PushConfig {
  /** Whom a push service's operator can turn to: `mailto:` or `https:`. */
  readonly subject: string
}

const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$/

const from = z
  .string()
  .max(200)
  .transform((text, context) => {
    const [, name = '', address = text.trim()] = /^\s*([^<>"\p{C}]*?)\s*<([^<>\s]+)>\s*$/u.exec(text) ?? []
    if (ADDRESS.test(address)) return { name, address }
    context.addIssue('no mail address')
    return z.NEVER
  })

/** Options in the URL would reach the mail library, which has dangerous ones: one is known, everything else is refused. */
const REQUIRE_TLS = 'requireTls'

const isSmtpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname, search, hash } = new URL(text)
  const isKnown = search === '' || (protocol === 'smtp:' && search === `?${REQUIRE_TLS}=false`)
  return /^smtps?:$/.test(protocol) && hostname !== '' && /^\/?$/.test(pathname) && isKnown && hash === ''
}

const smtpUrl = setting(
  z
    .string()
    .trim()
    .refine(isSmtpUrl)
    .transform((text) => new URL(text)),
  `a URL like smtps://user:password@mail.example or smtp://mail.example:587, with nothing behind it but ?${REQUIRE_TLS}=false`,
)

const tlsOf = ({ protocol, hostname, search }: URL): MailConfig['tls'] => {
  if (protocol === 'smtps:') return 'implicit'
  return isLoopback(hostname) || search !== '' ? 'none' : 'required'
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const loginOf = ({ username, password }: URL): MailConfig['login'] =>
  username === ''
    ? null
    : { user: decoded(username), password: Secret.of(new TextEncoder().encode(decoded(password))) }

const readMail = (reader: ConfigReader): MailConfig | null => {
  const url = reader.read('HOLDFAST_SMTP_URL', smtpUrl)
  const sender = reader.read(
    'HOLDFAST_MAIL_FROM',
    setting(from, 'a mail address, or a name and one like Holdfast <notices@app.example>'),
  )
  const isGiven = reader.isSet('HOLDFAST_SMTP_URL') || reader.isSet('HOLDFAST_SMTP_URL_FILE')
  if (isGiven && !reader.isSet('HOLDFAST_MAIL_FROM'))
    reader.problems.push('HOLDFAST_MAIL_FROM must be set where HOLDFAST_SMTP_URL is.')
  if (!isGiven && reader.isSet('HOLDFAST_MAIL_FROM'))
    reader.problems.push(
      'HOLDFAST_SMTP_URL_FILE (or HOLDFAST_SMTP_URL) must be set where HOLDFAST_MAIL_FROM is.',
    )
  if (url === undefined || sender === undefined) return null
  const port = url.port === '' ? (url.protocol === 'smtps:' ? 465 : 587) : Number(url.port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { host, port, tls: tlsOf(url), login: loginOf(url), from: sender }
}

/**
 * An origin: the page's address is made by appending to it, and so is that of what it calls. In earnest never this machine: the
 * link would lead every reader to their own.
 */
const publicUrl = (development: boolean) =>
  z
    .string()
    .trim()
    .transform((text) => text.replace(/\/$/, ''))
    .refine((text) => {
      if (!URL.canParse(text)) return false
      const { origin, protocol, hostname } = new URL(text)
      if (isLoopback(hostname)) return origin === text && development
      return origin === text && protocol === 'https:'
    })

const isSubject = (text: string): boolean =>
  text.startsWith('mailto:')
    ? ADDRESS.test(text.slice('mailto:'.length))
    : URL.canParse(text) && new URL(text).protocol === 'https:'

export const readNotices = (reader: ConfigReader, development: boolean): NoticesConfig => {
  const address = reader.read(
    'HOLDFAST_PUBLIC_URL',
    setting(
      publicUrl(development),
      'the address at which browsers reach this service, like https://holdfast.example',
    ),
  )
  const subject = reader.read(
    'HOLDFAST_VAPID_SUBJECT',
    setting(z.string().max(200).refine(isSubject), 'mailto:somebody@app.example or an https address'),
  )
  const mail = readMail(reader)
  if (mail !== null && !reader.isSet('HOLDFAST_PUBLIC_URL') && !development)
    reader.problems.push(
      'HOLDFAST_PUBLIC_URL must be set where mail is sent: by it an owner stops a request that is not theirs.',
    )
  return { publicUrl: address ?? null, mail, push: subject === undefined ? null : { subject }, development }
}
