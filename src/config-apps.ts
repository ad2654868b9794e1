/**
 * The apps that this service serves, as their setting names them: a part of config.ts.
 */
import { Secret, acceptablePublicKey, appId, fromBase64url } from '@holdfast/client/protocol'
import { z } from 'zod'
import { setting, type ConfigReader } from './config-reader.ts'

/** An app whose backend signs tickets. */
export interface App {
  readonly app: string
  /** Ed25519 public key, 32 bytes base64url. */
  readonly ticketKey: string
  /** What people call it: shown in notices. The slug where it is not set. */
  readonly name?: string | undefined
  /** Where people open it: the link in notices that lead nowhere else. */
  readonly url?: string | undefined
  /** Where its backend is told. */
  readonly webhook?: Webhook | undefined
}

export interface Webhook {
  readonly url: string
  /** 24 to 64 bytes, the part behind `whsec_` of a Standard Webhooks secret. */
  readonly secret: Secret
  /** The operator's word that the host is in a network of their own: it is called although it is not public. */
  readonly isPrivate: boolean
}

const ticketKey = z
  .union([
    z.string(),
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      d: z.undefined().optional(),
    }),
  ])
  .transform((key) => (typeof key === 'string' ? key : key.x))
  .refine((key) => {
    const bytes = fromBase64url(key)
    return bytes?.length === 32 && acceptablePublicKey(bytes)
  })

/** Letters, digits, and what stands between them: nothing that ends a line, turns its direction, or looks like markup. */
const name = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,&'’+!()/:-]{0,39}$/u)

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether everything between here and there is this machine. `host`: as URL gives it. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host)

/** An address over TLS; in development, of this machine without it. Without user and password, which end up in logs. */
const addressOf = (development: boolean) =>
  z
    .string()
    .max(500)
    .refine((text) => {
      if (!URL.canParse(text)) return false
      const { protocol, hostname, username, password, hash } = new URL(text)
      const isSafe = protocol === 'https:' || (protocol === 'http:' && development && isLoopback(hostname))
      return isSafe && username === '' && password === '' && hash === ''
    })

const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
  .transform((text) => new Uint8Array(Buffer.from(text.slice('whsec_'.length), 'base64')))
  .refine((bytes) => bytes.length >= 24 && bytes.length <= 64)
  .transform((bytes) => Secret.of(bytes))

const webhook = (development: boolean) =>
  z
    .strictObject({ url: addressOf(development), secret, private: z.boolean().default(false) })
    .transform(({ url, secret: key, private: isPrivate }): Webhook => ({ url, secret: key, isPrivate }))

const parsed = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('not JSON')
    return z.NEVER
  }
})

const appsOf = (development: boolean) =>
  parsed
    .pipe(
      z
        .array(
          z.strictObject({
            app: z.string().refine((text) => appId.accepts(text)),
            ticketKey,
            name: name.optional(),
            url: addressOf(development).optional(),
            webhook: webhook(development).optional(),
          }),
        )
        .max(1000),
    )
    .refine((list) => new Set(list.map(({ app }) => app)).size === list.length)

const FORM =
  'JSON like [{"app":"my-app","ticketKey":"<Ed25519 public key, base64url or JWK>"}], each app once; beside these an app may have ' +
  'a name (up to 40 characters), a url, and a webhook {"url":"https://…","secret":"whsec_<24 to 64 bytes, base64>"}'

export const readApps = (reader: ConfigReader, development: boolean): readonly App[] =>
  reader.read('HOLDFAST_APPS', setting(appsOf(development), FORM)) ?? []
