type Hmac = (key: Uint8Array, message: Uint8Array) => Uint8Array

const withCounter = (message: Uint8Array, counter: number): Uint8Array => {
  const out = new Uint8Array(message.length + 1)
  out.set(message)
  out[message.length] = counter
  return out
}

/** HKDF-Expand (RFC 5869 §2.3) over HMAC-SHA-256. `length` ≤ 255 · 32, else a RangeError. */
export function hkdfExpandWith(hmac: Hmac, prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > 255 * 32) throw new RangeError('HKDF length')
  // One block is the whole outcome in nearly every use.
  if (length <= 32) return hmac(prk, withCounter(info, 1)).slice(0, length)
  const out = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array(0)
  for (let counter = 1, at = 0; at < length; counter += 1, at += 32) {
    const message = new Uint8Array(block.length + info.length)
    message.set(block)
    message.set(info, block.length)
    block = hmac(prk, withCounter(message, counter))
    out.set(block.subarray(0, Math.min(32, length - at)), at)
  }
  return out
}
