import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config-reader.ts'
import { readConfig } from '../../src/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { x: ticketKey } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const app = { app: 'my-app', ticketKey }
const key = randomBytes(32).toString('base64url')
const production = { HOLDFAST_MASTER_KEY: key, HOLDFAST_APPS: JSON.stringify([app]) }
const mail = {
  HOLDFAST_SMTP_URL: 'smtp://mail.example',
  HOLDFAST_MAIL_FROM: 'Example Chat <notices@app.example>',
  HOLDFAST_PUBLIC_URL: 'https://holdfast.example/',
}

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig({ ...production, ...env })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems
  }
}
const noticesOf = (env: Record<string, string>) => readConfig({ ...production, ...env }).notices

describe('the configuration of notices', () => {
  it('offers no channel unless told to', () => {
    expect(noticesOf({})).toEqual({ publicUrl: null, mail: null, push: null, development: false })
  })

  it('takes a mail server, its login also from a file, and where this service is reached', () => {
    const file = join(folder, 'smtp')
    writeFileSync(file, 'smtps://holdfast:p%40ss@mail.example\n', { mode: 0o600 })
    const { HOLDFAST_SMTP_URL: _, ...rest } = mail
    const notices = noticesOf({ ...rest, HOLDFAST_SMTP_URL_FILE: file })
    expect(notices.publicUrl).toBe('https://holdfast.example')
    expect(notices.mail).toMatchObject({
      host: 'mail.example',
      port: 465,
      tls: 'implicit',
      login: { user: 'holdfast' },
      from: { name: 'Example Chat', address: 'notices@app.example' },
    })
    expect(new TextDecoder().decode(notices.mail?.login?.password.expose())).toBe('p@ss')
    expect(JSON.stringify(notices)).not.toContain('p@ss')
  })

  it.each([
    ['smtp://mail.example', 'required'],
    ['smtp://mail.example:25', 'required'],
    ['smtp://mail.example:25?requireTls=false', 'none'],
    ['smtp://127.0.0.1:1025', 'none'],
    ['smtp://localhost:1025', 'none'],
    ['smtps://mail.example', 'implicit'],
  ])('sends by %s with TLS %s', (url, tls) => {
    expect(noticesOf({ ...mail, HOLDFAST_SMTP_URL: url }).mail?.tls).toBe(tls)
  })

  it.each([
    ['another protocol', { HOLDFAST_SMTP_URL: 'http://planted.example' }],
    [
      'options for the mail library',
      { HOLDFAST_SMTP_URL: 'smtp://planted.example?tls.rejectUnauthorized=false' },
    ],
    ['a path', { HOLDFAST_SMTP_URL: 'smtp://planted.example/x' }],
    [
      'a sender that breaks its header',
      { HOLDFAST_MAIL_FROM: 'A\r\nBcc: planted@evil.example <a@b.example>' },
    ],
    ['a sender without an address', { HOLDFAST_MAIL_FROM: 'planted' }],
    ['mail without a sender', { HOLDFAST_MAIL_FROM: '' }],
    ['a sender without a server', { HOLDFAST_SMTP_URL: '' }],
    ['mail without a public address', { HOLDFAST_PUBLIC_URL: '' }],
    ['a public address without TLS', { HOLDFAST_PUBLIC_URL: 'http://planted.example' }],
    ['a public address with a path', { HOLDFAST_PUBLIC_URL: 'https://planted.example/holdfast' }],
    ['a public address on this machine', { HOLDFAST_PUBLIC_URL: 'https://localhost:8443' }],
    ['a push subject that is nobody', { HOLDFAST_VAPID_SUBJECT: 'planted' }],
  ])('refuses %s, and repeats nothing of it', (_, env) => {
    const problems = problemsOf({ ...mail, ...env })
    expect(problems).toHaveLength(1)
    expect(problems.join()).not.toContain('planted')
  })

  it('finds every mistake at once', () => {
    const wrong = {
      HOLDFAST_SMTP_URL: 'x',
      HOLDFAST_MAIL_FROM: 'x',
      HOLDFAST_PUBLIC_URL: 'x',
      HOLDFAST_VAPID_SUBJECT: 'x',
    }
    expect(problemsOf(wrong)).toHaveLength(4)
  })
})

describe('an app', () => {
  const secret = `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`
  const withApp = (fields: object, mode = 'production') => ({
    HOLDFAST_MODE: mode,
    HOLDFAST_APPS: JSON.stringify([{ ...app, ...fields }]),
  })

  it('may have a name, an address and a webhook', () => {
    const webhook = { url: 'https://backend.example/hook?x=1', secret, private: true }
    const [read] = readConfig({
      ...production,
      ...withApp({ name: ' Böhm & Çelik (Çağrı) ', url: 'https://app.example', webhook }),
    }).apps
    expect(read).toMatchObject({
      name: 'Böhm & Çelik (Çağrı)',
      webhook: { url: webhook.url, isPrivate: true },
    })
    expect(read?.webhook?.secret.expose()).toHaveLength(32)
    expect(JSON.stringify(read)).not.toContain(secret.slice(6, 20))
  })

  it.each([
    ['a name that ends a line', { name: 'A\r\nBcc: x@evil.example' }],
    ['a name that turns the direction', { name: 'A\u202eB' }],
    ['a name with markup', { name: '<b>A' }],
    ['a long name', { name: 'A'.repeat(41) }],
    ['an address without TLS', { url: 'http://app.example' }],
    ['an address that runs', { url: 'javascript:alert(1)' }],
    ['a webhook without TLS', { webhook: { url: 'http://backend.example', secret } }],
    ['a webhook with a password in its address', { webhook: { url: 'https://a:b@backend.example', secret } }],
    ['a webhook without a secret', { webhook: { url: 'https://backend.example' } }],
    ['a short webhook secret', { webhook: { url: 'https://backend.example', secret: 'whsec_AAAA' } }],
    ['an unknown field', { webhooks: [] }],
  ])('is refused with %s', (_, fields) => {
    expect(problemsOf(withApp(fields))).toHaveLength(1)
  })

  it('may be told on this machine without TLS, in development alone', () => {
    const webhook = { url: 'http://127.0.0.1:9000/hook', secret }
    expect(problemsOf(withApp({ webhook }, 'development'))).toEqual([])
    expect(problemsOf(withApp({ webhook }))).toHaveLength(1)
  })
})
