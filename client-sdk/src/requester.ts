/**
 * The requester's side, whole: a new device that asks for the key and has to be believed by nobody but the contacts.
 */
export { cancel, forget, open, prepare, status } from './requester-request.ts'
export { abandon, answer, readOut, showDigits, typeCode } from './requester-codes.ts'
export {
  recover,
  recoverWhenReady,
  type RecoverOptions,
  type RecoveredKey,
  type WaitOptions,
} from './requester-release.ts'
