/**
 * Reading bodies: JSON, sent as JSON, uncompressed, within the operation's limit.
 */
import { HoldfastError, type Operation } from '@holdfast/client/protocol'
import express, { type Request, type Response } from 'express'

const LIMIT_BYTES = 32 * 1024

/** `application/json`, with no parameter but `charset=utf-8` (RFC 8259 §11 defines none, clients send it all the same). */
const JSON_TYPE = /^application\/json(?: *; *charset="?utf-8"?)? *$/i

export type ReadBody = (request: Request, response: Response) => Promise<unknown>

/** Throws `unsupported_media_type`, `too_large` or `malformed`. */
export const bodyReader = (operation: Operation): ReadBody => {
  const parse = express.json({
    limit: operation.limit ?? LIMIT_BYTES,
    strict: true,
    // A compressed body could unpack to any size.
    inflate: false,
    type: () => true,
  })
  return (request, response) =>
    new Promise((resolve, reject) => {
      if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
        reject(new HoldfastError('unsupported_media_type'))
        return
      }
      parse(request, response, (error?: unknown) => {
        if (error === undefined) resolve(request.body)
        else reject(error as Error)
      })
    })
}
