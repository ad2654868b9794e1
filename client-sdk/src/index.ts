/**
 * Holdfast's client SDK, by role. `account`: an identity that lives on this device. `owner`: protects it. `contact`: helps
 * somebody get theirs back. `requester`: gets one's own back on a new device.
 */
export * as account from './account.ts'
export * as owner from './owner.ts'
export * as contact from './contact.ts'
export * as requester from './requester.ts'
export type { CallOptions, Client, ClientOptions, Role } from './client.ts'
export { createClient } from './create-client.ts'
export { type Storage, memoryStorage } from './storage/storage.ts'
export { indexedDbStorage } from './storage/indexed-db.ts'
export { type Again, type LiveTransport, type WatchOptions, until, watch } from './watch.ts'
export { type Advice, type ErrorCode, HoldfastError, isHoldfastError } from './protocol/errors.ts'
export { Secret } from './protocol/secret.ts'
