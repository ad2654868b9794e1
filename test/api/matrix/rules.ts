/**
 * Who may do what, and when: written down from the specification, and not read off the code. PROTOCOL.md, "Recover" and
 * "Accept"; docs/SECURITY.md.
 */
import type { Caller, ErrorCode, OperationName } from '@holdfast/client/protocol'
import type { Role } from './roles.ts'
import type { State } from './scenes.ts'

/** `own`: answered, with nothing about the owner of the scene or about its request. */
export type Cell = 'ok' | 'own' | ErrorCode
type ByState = { readonly [S in State]?: Cell } & { readonly otherwise: Cell }

interface Rule {
  /** Those who are answered otherwise than the rest. */
  readonly who?: { readonly [R in Role]?: Cell | ByState }
  /** Everybody else who has a token that counts, or who needs none. */
  readonly rest: Cell
}

/** What a token alone is refused with, whatever is sent with it. */
const TOKENS: Readonly<Record<Caller, { readonly [R in Role]?: ErrorCode }>> = {
  none: {},
  device: {
    nobody: 'sign_in_required',
    vetoKeyHolder: 'sign_in_required',
    requester: 'sign_in_required',
    otherRequester: 'sign_in_required',
    revokedDevice: 'session_expired',
    replacedIdentity: 'session_expired',
    expiredToken: 'session_expired',
    forgedToken: 'session_expired',
  },
  requester: {
    nobody: 'sign_in_required',
    vetoKeyHolder: 'sign_in_required',
    owner: 'sign_in_required',
    tokenThief: 'sign_in_required',
    revokedDevice: 'sign_in_required',
    replacedIdentity: 'sign_in_required',
    contact: 'sign_in_required',
    removedContact: 'sign_in_required',
    offeredContact: 'sign_in_required',
    impostor: 'sign_in_required',
    otherOwner: 'sign_in_required',
    foreignTenant: 'sign_in_required',
    expiredToken: 'session_expired',
    forgedToken: 'session_expired',
  },
}

/** The same cell in several states. */
const all = <S extends State>(cell: Cell, ...states: readonly S[]): { readonly [P in S]: Cell } =>
  Object.fromEntries(states.map((state) => [state, cell])) as { readonly [P in S]: Cell }

const WITHOUT_CIRCLE = ['noCircle', 'pending', 'completed'] as const
/** A request for an account without a circle: it looks open to whoever asks, and is nothing to anybody else. */
const DECOY = ['noCircle', 'pending'] as const
const ENDED = ['completed', 'vetoed', 'cancelled', 'declined', 'expired', 'superseded'] as const
const COMPARED = ['waiting', 'contested', 'resumed', 'releasable', 'released'] as const

const ended = all('recovery_ended', ...ENDED)
const decoys = all('not_found', ...DECOY)

/** The first contact on the request, which it has approved wherever somebody has. */
const contactSays = (open: Cell, more: Partial<Record<State, Cell>>): ByState => ({
  ...decoys,
  ...ended,
  ...more,
  otherwise: open,
})
/** One who holds an offer of the active epoch has a slot as well. It had no part in what is over with its circle. */
const offeredSays = (open: Cell, more: Partial<Record<State, Cell>> = {}): ByState => ({
  ...decoys,
  ...ended,
  completed: 'not_found',
  ...more,
  otherwise: open,
})

const identityVeto: ByState = {
  ...ended,
  vetoed: 'ok',
  resumed: 'veto_overruled',
  released: 'veto_too_late',
  otherwise: 'ok',
}
const identityCancelsChange: ByState = {
  ...all('ok', 'pending', 'changing', 'deleting'),
  otherwise: 'change_not_pending',
}

const notOwnAccount: Rule = { who: { owner: 'ok' }, rest: 'signature_rejected' }
/** Of those who ask about their own account alone, only the owner's token shows anything of the owner's. */
const ownView: Rule = { who: { owner: 'ok', tokenThief: 'ok' }, rest: 'own' }
/** The request is chosen by the token: another requester's signature about this one counts for nothing. */
const ofRequester = (requester: ByState | Cell): Rule => ({ who: { requester }, rest: 'signature_rejected' })
const speaksForNobody = { tokenThief: 'signature_rejected', impostor: 'signature_rejected' } as const

export const RULES: Readonly<Record<OperationName, Rule>> = {
  readService: { rest: 'own' },
  createChallenge: { rest: 'own' },
  createAccount: {
    // No app gives them a ticket.
    who: {
      nobody: 'ticket_rejected',
      vetoKeyHolder: 'ticket_rejected',
      tokenThief: 'ticket_rejected',
      expiredToken: 'ticket_rejected',
      forgedToken: 'ticket_rejected',
    },
    rest: 'account_exists',
  },
  createSession: {
    who: { owner: 'own', requester: 'own', otherRequester: 'own' },
    rest: 'signature_rejected',
  },
  readAccount: ownView,
  readLog: ownView,
  readIdentity: { who: { foreignTenant: 'not_found' }, rest: 'ok' },
  revokeDevice: { who: { owner: 'ok', tokenThief: 'signature_rejected' }, rest: 'not_found' },
  setDestinations: notOwnAccount,
  readNotices: ownView,
  createInvitation: notOwnAccount,
  readInvitation: { who: { foreignTenant: 'not_found' }, rest: 'ok' },
  answerInvitation: {
    who: { contact: 'ok', foreignTenant: 'not_found', ...speaksForNobody },
    rest: 'invitation_rejected',
  },
  proposeEpoch: { ...notOwnAccount, who: { owner: { deleting: 'change_pending', otherwise: 'ok' } } },
  cancelChange: {
    who: {
      owner: identityCancelsChange,
      // The identity key decides, from any device.
      revokedDevice: identityCancelsChange,
      vetoKeyHolder: {
        ...all('signature_rejected', ...WITHOUT_CIRCLE),
        ...all('ok', 'changing', 'deleting'),
        otherwise: 'change_not_pending',
      },
    },
    rest: 'signature_rejected',
  },
  deleteCircle: {
    who: {
      owner: { ...all('no_circle', ...WITHOUT_CIRCLE), changing: 'change_pending', otherwise: 'ok' },
      tokenThief: 'signature_rejected',
      otherOwner: 'epoch_rejected',
      impostor: 'epoch_rejected',
    },
    rest: 'no_circle',
  },
  listShares: {
    who: {
      contact: { ...all('own', 'noCircle', 'completed'), otherwise: 'ok' },
      offeredContact: { ...all('own', 'noCircle', 'completed'), otherwise: 'ok' },
    },
    rest: 'own',
  },
  acceptShare: {
    who: {
      contact: { ...all('not_found', 'noCircle', 'completed'), otherwise: 'ok' },
      offeredContact: { ...all('not_found', 'noCircle', 'completed'), otherwise: 'ok' },
      ...speaksForNobody,
    },
    rest: 'not_found',
  },
  declineShare: {
    who: {
      // Others rely on what was accepted once the epoch is active.
      contact: {
        ...all('not_found', 'noCircle', 'completed'),
        pending: 'ok',
        otherwise: 'acceptance_rejected',
      },
      offeredContact: { ...all('not_found', 'noCircle', 'completed'), otherwise: 'ok' },
      ...speaksForNobody,
    },
    rest: 'not_found',
  },
  countersignChange: {
    who: {
      contact: { ...all('not_found', ...WITHOUT_CIRCLE), changing: 'ok', otherwise: 'change_not_pending' },
      offeredContact: {
        ...all('not_found', ...WITHOUT_CIRCLE),
        changing: 'ok',
        otherwise: 'change_not_pending',
      },
      ...speaksForNobody,
    },
    rest: 'not_found',
  },
  openRecovery: { who: { requester: 'ok' }, rest: 'ticket_rejected' },
  readRecovery: { who: { requester: 'ok' }, rest: 'own' },
  answerSession: ofRequester({
    ...ended,
    ...all('ok', 'collecting', ...COMPARED),
    otherwise: 'session_conflict',
  }),
  cancelRecovery: ofRequester({ ...ended, cancelled: 'ok', otherwise: 'ok' }),
  pullRelease: ofRequester({
    ...ended,
    completed: 'already_completed',
    ...all('ok', 'releasable', 'released'),
    otherwise: 'not_releasable',
  }),
  completeRecovery: {
    who: {
      requester: { ...ended, completed: 'already_completed', released: 'ok', otherwise: 'not_released' },
      // Its own request is looked at, which is over where time or a completion ended all of them.
      otherRequester: { ...all('recovery_ended', 'completed', 'expired'), otherwise: 'not_released' },
    },
    rest: 'not_released',
  },
  listContactRecoveries: {
    who: {
      // Where this request has ended, the other one is still to be answered, unless that has ended as well.
      contact: { ...all('own', ...DECOY, 'completed', 'expired'), otherwise: 'ok' },
      offeredContact: { ...all('own', ...DECOY, 'completed', 'expired'), otherwise: 'ok' },
    },
    rest: 'own',
  },
  startSession: {
    who: {
      contact: contactSays('ok', {}),
      offeredContact: offeredSays('ok'),
      ...{ tokenThief: 'signature_rejected' },
    },
    rest: 'not_found',
  },
  revealSession: {
    who: {
      contact: contactSays('session_conflict', all('ok', 'collecting', ...COMPARED)),
      offeredContact: offeredSays('session_conflict'),
      tokenThief: 'signature_rejected',
    },
    rest: 'not_found',
  },
  concludeSession: {
    who: {
      contact: contactSays('session_conflict', all('ok', ...COMPARED)),
      offeredContact: offeredSays('session_conflict'),
      tokenThief: 'signature_rejected',
    },
    rest: 'not_found',
  },
  decide: {
    who: {
      // The same message again, where it was given.
      contact: contactSays('ok', all('ok', 'completed', 'declined')),
      offeredContact: offeredSays('ok', { released: 'not_collecting', declined: 'ok' }),
      ...speaksForNobody,
    },
    rest: 'not_found',
  },
  veto: {
    who: {
      owner: identityVeto,
      revokedDevice: identityVeto,
      // Whoever opened a request without a circle pinned no veto key.
      vetoKeyHolder: {
        ...ended,
        ...all('signature_rejected', ...DECOY),
        ...all('ok', 'vetoed'),
        released: 'veto_too_late',
        otherwise: 'ok',
      },
    },
    rest: 'signature_rejected',
  },
}

export const expectedOf = (name: OperationName, caller: Caller, role: Role, state: State): Cell => {
  const byToken = TOKENS[caller][role]
  if (byToken !== undefined) return byToken
  const { who = {}, rest } = RULES[name]
  const cell = who[role] ?? rest
  return typeof cell === 'string' ? cell : (cell[state] ?? cell.otherwise)
}
