/**
 * The contact's side, whole.
 */
export {
  accept,
  acceptInvitation,
  countersign,
  decline,
  owners,
  shares,
  verifyOwnerInPerson,
  type Change,
  type KnownOwner,
  type Offer,
  type Shares,
} from './contact-shares.ts'
export { requests, type Request, type Which } from './contact-requests.ts'
export { compare, compareDigits, reveal, typeCode } from './contact-codes.ts'
export { alarm, approve, declineRequest } from './contact-answers.ts'
