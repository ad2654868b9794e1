/**
 * What the service is measured against: bare Express routes, by the book, that check the same signatures and tokens and write
 * the same to the same store, and do nothing else. No limits, no roles, no rules, no log, no notices, no repeats.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import {
  HoldfastError,
  Secret,
  fromBase64url,
  readDecision,
  readSelfSigned,
  signInBody,
  type Signed,
} from '@holdfast/client/protocol'
import express, { type ErrorRequestHandler, type Request } from 'express'
import type { Records } from '../../src/use-cases/ports.ts'
import type * as MongoRecords from '../../src/store/mongo/records.ts'
import type * as EmbeddedRecords from '../../src/store/embedded/records.ts'
import type * as Tokens from '../../src/http/tokens.ts'
import type * as PresentAccount from '../../src/domain/present-account.ts'
import type * as ServiceKeys from '../../src/service-keys.ts'
import type * as Blobs from '../../src/use-cases/blobs.ts'
import { builtModule } from './built.ts'

const { openEmbeddedRecords } = await builtModule<typeof EmbeddedRecords>(
  'dist/src/store/embedded/records.js',
)
const { sessionTokens } = await builtModule<typeof Tokens>('dist/src/http/tokens.js')
const { accountView } = await builtModule<typeof PresentAccount>('dist/src/domain/present-account.js')
const { deriveKeys } = await builtModule<typeof ServiceKeys>('dist/src/service-keys.js')
const { blobOf } = await builtModule<typeof Blobs>('dist/src/use-cases/blobs.js')

/** In MongoDB, over mongoose, where a database is named; else in a folder. */
const openRecords = async (): Promise<Records> => {
  const { BENCH_MONGODB: url, BENCH_DATABASE: database = '', BENCH_RECORDS: folder = '' } = process.env
  if (url === undefined) return openEmbeddedRecords({ folder })
  const { openMongoRecords } = await builtModule<typeof MongoRecords>('dist/src/store/mongo/records.js')
  return openMongoRecords({ url, database })
}
const records = await openRecords()
const keys = await deriveKeys(Secret.of(fromBase64url(process.env['BENCH_KEY'] ?? '') ?? new Uint8Array(0)))
const tokens = sessionTokens(keys.tokens)
// The same in every process: a challenge of one is answered at another.
const challengeKey = createHmac('sha256', process.env['BENCH_KEY'] ?? '')
  .update('challenges')
  .digest()

const load = async (account: string) => {
  const loaded = await records.load(account)
  if (loaded === null) throw new HoldfastError('not_found')
  return loaded
}

const callerOf = async (request: Request) => {
  const token = (request.get('authorization') ?? '').slice('Bearer '.length)
  const caller = await tokens.read(token, await records.now())
  if (caller?.role !== 'device') throw new HoldfastError('sign_in_required')
  return caller
}

// 16 random bytes ‖ expiry ‖ MAC, as the service makes them.
const macOf = (account: string, said: Uint8Array): Buffer =>
  createHmac('sha256', challengeKey).update(account).update(said).digest()

const app = express()
const json = express.json()

app.get('/healthz', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/v1/challenges', json, async (request, response) => {
  const { account } = request.body as { account: string }
  const expiresAt = (await records.now()) + 60_000
  const said = Buffer.concat([randomBytes(16), Buffer.alloc(8)])
  said.writeBigUInt64BE(BigInt(expiresAt), 16)
  const challenge = Buffer.concat([said, macOf(account, said)]).toString('base64url')
  response.status(201).json({ challenge, expiresAt })
})

app.post('/v1/sessions', json, async (request, response) => {
  const { message } = request.body as { message: Signed }
  const { account, key, challenge } = await readSelfSigned('sign-in', message, signInBody, (body) => body.key)
  const bytes = Buffer.from(challenge, 'base64url')
  const said = bytes.subarray(0, 24)
  const expiresAt = Number(said.readBigUInt64BE(16))
  const now = await records.now()
  const holds =
    bytes.length === 56 && timingSafeEqual(macOf(account, said), bytes.subarray(24)) && now < expiresAt
  if (!holds || !(await records.claim(`challenge:${said.toString('base64url')}`, expiresAt)))
    throw new HoldfastError('challenge_rejected')
  const { devices } = (await load(account)).account
  if (!devices.some(({ device }) => device === key)) throw new HoldfastError('signature_rejected')
  response.status(201).json(await tokens.issue({ role: 'device', account, device: key }, now))
})

app.get('/v1/account', async (request, response) => {
  const { account, now } = await load((await callerOf(request)).account)
  response.json(accountView(account, now, null))
})

app.post('/v1/approvals/decisions', json, async (request, response) => {
  const caller = await callerOf(request)
  const { message, proof, sealed } = request.body as { message: Signed; proof: string; sealed: string }
  const contact = (await load(caller.account)).account
  const { account: owner, now } = await load((JSON.parse(message.body) as { owner: string }).owner)
  const slot = owner.circle.active?.slots.find((one) => one.contact === caller.account)
  const contactSigning = contact.identity?.keys.signing ?? ''
  const { body, sealed: bytes } = await readDecision({
    ...{ message, proof, sealed, contactSigning },
    checkKey: slot?.checkKey ?? '',
  })
  const answer = {
    ...{ slot: body.slot, contact: caller.account, decision: body.decision, stolen: body.stolen },
    ...{ sequence: body.sequence, message, proof, shareHash: body.shareHash, displaced: false, at: now },
  }
  const recoveries = owner.recoveries.map((one) =>
    one.recovery === body.recovery
      ? { ...one, answers: [...one.answers.filter((given) => given.slot !== body.slot), answer] }
      : one,
  )
  const blobs = bytes === null ? [] : [blobOf(owner.id, bytes)]
  const outcome = await records.commit({ ...owner, recoveries }, { ifRevision: owner.revision, blobs })
  if (outcome !== 'committed') throw new HoldfastError('busy')
  response.json({ revision: owner.revision + 1 })
})

const refuse: ErrorRequestHandler = (_thrown, _request, response, _next) => {
  response.status(500).json({})
}
app.use(refuse)

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ msg: 'service_listening', url: `http://127.0.0.1:${port}` })}\n`)
})
process.on('SIGTERM', () => {
  server.closeAllConnections()
  void records.close().then(() => process.exit(0))
})
