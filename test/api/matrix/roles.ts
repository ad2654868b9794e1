/**
 * Who asks: with which token, which keys, and in whose name.
 */
import {
  type Caller as CallerKind,
  type IdentityKeys,
  Secret,
  identityFromSeed,
} from '@holdfast/client/protocol'
import { sessionTokens } from '../../../src/http/tokens.ts'
import type { Caller } from '../../../src/use-cases/ports.ts'
import type { Person } from '../../support/actors.ts'
import type { Requester } from '../../support/recoveries.ts'
import type { TestApp } from '../../support/test-app.ts'
import type { Bystanders } from './people.ts'
import type { Place } from './place.ts'
import type { Scene } from './scenes.ts'

export const ROLES = [
  'nobody',
  'owner',
  /** Holds the key that the owner keeps off the phone, and no token. */
  'vetoKeyHolder',
  /** Has a token of the owner's device, and no key. */
  'tokenThief',
  /** Has a device of the owner's that was revoked, with all keys on it. */
  'revokedDevice',
  /** Has the phone that the owner recovered from, with the identity of then. */
  'replacedIdentity',
  'contact',
  'removedContact',
  /** Was offered a share and has not answered. */
  'offeredContact',
  /** Another owner who speaks in the first contact's name. */
  'impostor',
  'otherOwner',
  'foreignTenant',
  'requester',
  'otherRequester',
  'expiredToken',
  'forgedToken',
] as const
export type Role = (typeof ROLES)[number]

/** As whom a role signs and what it knows. */
export interface Who {
  readonly role: Role
  /** The account in whose name it speaks. */
  readonly account: string
  readonly identity: IdentityKeys
  readonly deviceSeed: Secret
  /** Whose backend gives it tickets; null if none does. */
  readonly app: TestApp | null
  /** The slot that it speaks about. */
  readonly slot: number
  /** The request that it speaks as; that of the scene unless it has one. */
  readonly request: Requester
  /** What its token says; null without one. */
  readonly caller: Caller | null
  /** The token itself, for an operation of this kind. */
  token(kind: CallerKind): Promise<string | undefined>
}

const strayKeys = async (): Promise<IdentityKeys> => identityFromSeed(Secret.random(32))
const forger = sessionTokens(Secret.random(32))

/** The token's caller, of the kind that an operation asks for. */
const entitled = (scene: Scene, kind: CallerKind): Caller =>
  kind === 'requester' ? scene.request.caller : scene.owner.caller

export const whoIs = async (
  place: Place,
  scene: Scene,
  { otherOwner, foreigner }: Bystanders,
  role: Role,
): Promise<Who> => {
  const token = (caller: Caller | null) => async () => (caller === null ? undefined : place.token(caller))
  const stray = {
    role,
    account: scene.owner.account,
    identity: await strayKeys(),
    deviceSeed: Secret.random(32),
    app: null,
    slot: 1,
    request: { ...scene.request, keys: await strayKeys() },
    caller: null,
    token: token(null),
  }
  const as = ({ account, identity, deviceSeed, app, caller }: Person, slot = 1): Who => ({
    ...stray,
    ...{ account, identity, deviceSeed, app, slot, caller },
    token: token(caller),
  })
  const asRequester = (request: Requester): Who => ({
    ...stray,
    ...{ request, caller: request.caller, app: place.app },
    token: token(request.caller),
  })
  const first = scene.contacts[0] as Person
  const roles: Readonly<Record<Role, () => Who>> = {
    nobody: () => stray,
    owner: () => as(scene.owner),
    vetoKeyHolder: () => ({ ...stray, identity: scene.vetoKey.keys }),
    tokenThief: () => ({ ...stray, caller: scene.owner.caller, token: token(scene.owner.caller) }),
    revokedDevice: () => as({ ...scene.owner, deviceSeed: Secret.random(32), caller: scene.revoked }),
    replacedIdentity: () => as(scene.replaced),
    contact: () => as(first),
    removedContact: () => as(scene.removed),
    offeredContact: () => as(scene.contacts[3] as Person, 4),
    impostor: () => ({ ...as(otherOwner), account: first.account }),
    otherOwner: () => as(otherOwner),
    foreignTenant: () => as(foreigner),
    requester: () => asRequester(scene.request),
    otherRequester: () => asRequester(scene.other),
    // The token of somebody who may, ten minutes and a second old.
    expiredToken: () => ({ ...stray, token: (kind) => place.token(entitled(scene, kind), -601_000) }),
    forgedToken: () => ({
      ...stray,
      token: async (kind) => (await forger.issue(entitled(scene, kind), Date.now())).token,
    }),
  }
  return roles[role]()
}
