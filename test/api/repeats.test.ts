import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { account as accountOf, owner } from '@holdfast/client'
import {
  Secret,
  announceInvitation,
  answerChallenge,
  fromBase64url,
  revokeDevice,
} from '@holdfast/client/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IS_SCALED, onEmbedded } from '../support/engine.ts'
import { startService, type TestService } from '../support/service.ts'
import type { SdkPerson } from '../support/sdk-circle.ts'
import { openLayer, send, someId } from './layer.ts'

let service: TestService
let person: SdkPerson

beforeAll(async () => {
  service = await startService({ queue: 'none' })
  person = await service.person()
})
afterAll(() => service.close())

const post = async (path: string, body: unknown, key: string, from = person) =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      authorization: `Bearer ${await from.client.sessions.token('device')}`,
    },
    body: JSON.stringify(body),
  })

const announced = async ({ client, account }: SdkPerson, invitation: string) => {
  const { keys } = await accountOf.readSelf(client)
  return announceInvitation({ account, invitation, identity: keys })
}

const invite = async (key: string, invitation: string, from = person) => {
  const response = await post('/v1/invitations', await announced(from, invitation), key, from)
  return { status: response.status, text: await response.text() }
}

/** What a repeat must not change. Where workers relay meanwhile, the revision moves with that. */
const lasting = async ({ client }: SdkPerson) => {
  const { now: _now, revision, ...rest } = await owner.status(client)
  return { ...rest, revision: IS_SCALED ? null : revision }
}

describe('the same request under the same key', () => {
  it('is done once and answered twice alike', async () => {
    const [key, invitation] = [someId(), someId()]
    const first = await invite(key, invitation)
    const before = await lasting(person)
    expect(first.status).toBe(201)
    expect(await invite(key, invitation)).toEqual(first)
    expect(await lasting(person)).toEqual(before)
  })

  it('is done once, and alike, when it comes many times at once', async () => {
    const [key, invitation] = [someId(), someId()]
    const before = await owner.status(person.client)
    const answers = await Promise.all(Array.from({ length: 20 }, () => invite(key, invitation)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    const after = await owner.status(person.client)
    expect(after.invitations).toHaveLength(before.invitations.length + 1)
  })

  it('is another caller’s own', async () => {
    const other = await service.person()
    const [key, invitation] = [someId(), someId()]
    expect((await invite(key, invitation)).status).toBe(201)
    expect((await invite(key, someId(), other)).status).toBe(201)
    expect((await invite(key, someId())).status).toBe(422)
  })

  it('is not answered any more to a device that was revoked', async () => {
    const doomed = await service.person()
    const [key, invitation] = [someId(), someId()]
    expect((await invite(key, invitation, doomed)).status).toBe(201)
    const token = await doomed.client.sessions.token('device')
    const { devices } = await owner.status(doomed.client)
    const { keys } = await accountOf.readSelf(doomed.client)
    const device = devices[0]?.device ?? ''
    const message = await revokeDevice({ account: doomed.account, device, identity: keys })
    expect((await post('/v1/account/device-revocations', { message }, someId(), doomed)).status).toBe(200)
    const repeated = await fetch(`${service.url}/v1/invitations`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify(await announced(doomed, invitation)),
    })
    expect(repeated.status).toBe(401)
  })

  it('is not remembered of a challenge, which takes no ticket: nobody can fill the disk with keys', async () => {
    const { account } = person
    const key = someId()
    const first = await post('/v1/challenges', { account }, key)
    const second = await post('/v1/challenges', { account }, key)
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await first.text()).not.toBe(await second.text())
  })

  it('is tried again after a refusal: nothing was changed, so nothing is kept', async () => {
    let calls = 0
    const layer = await openLayer({
      act: () => {
        calls += 1
        if (calls === 1) throw new Error('passing')
        return { revision: calls }
      },
    })
    try {
      const headers = { 'idempotency-key': someId() }
      expect((await send(layer, 'cancelRecovery', { headers })).status).toBe(500)
      const second = await send(layer, 'cancelRecovery', { headers })
      expect([second.status, await second.json()]).toEqual([200, { revision: 2 }])
    } finally {
      await layer.close()
    }
  })
})

describe('answers that hold secrets', () => {
  onEmbedded('reads the files of the data folder')(
    'are not kept: a session’s token is nowhere in the data folder',
    async () => {
      const { client, account } = await service.person()
      const storage = JSON.parse((await client.storage.get('device')) ?? 'null') as { deviceSeed: string }
      const { challenge } = await client.call('createChallenge', { body: { account } })
      const { signing } = await client.call('readService', {})
      const seed = Secret.of(fromBase64url(storage.deviceSeed) ?? new Uint8Array(0))
      const message = await answerChallenge({ service: signing, account, recovery: null, challenge, seed })
      const key = someId()
      const response = await post('/v1/sessions', { message }, key)
      expect(response.status).toBe(201)
      const { token } = (await response.json()) as { token: string }
      // Judged anew, each by itself: a used challenge is of no more use, and nothing is known of the key.
      expect((await post('/v1/sessions', { message }, key)).status).toBe(401)
      expect((await post('/v1/sessions', { message: { ...message, body: '{}' } }, key)).status).toBe(400)

      const files = (folder: string): string[] =>
        readdirSync(folder).flatMap((name) => {
          const path = join(folder, name)
          const stat = statSync(path)
          return stat.isDirectory() ? files(path) : stat.isFile() ? [path] : []
        })
      const found = (text: string) =>
        files(service.folder).filter((file) => readFileSync(file).includes(text))
      expect(found(account)).not.toEqual([])
      expect(found(token)).toEqual([])
      expect(found(token.split('.')[2] ?? '')).toEqual([])
    },
  )
})
