/**
 * What only Node can offer.
 */
export { fileStorage } from './storage/file.ts'
