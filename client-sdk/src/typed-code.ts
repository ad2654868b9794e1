/**
 * Codes that a person types or scans, on either side of a comparison.
 */
import { HoldfastError, type Transcript, confirmCode, isCodeQr, isHoldfastError } from './protocol/index.ts'

/**
 * Whether `typed` is one of `codes`. Throws `malformed` for what cannot be a code at all: a slip of the finger is no answer,
 * and tells nobody anything.
 */
export const isTypedCode = (
  transcript: Transcript,
  mode: 'codes' | 'digits',
  typed: string,
  codes: readonly string[],
): boolean => {
  const digits = typed.replace(/[\s-]/g, '')
  const isCode = mode === 'codes' ? /^\d{6}$/.test(digits) : /^\d{60}$/.test(digits) || isCodeQr(typed.trim())
  if (!isCode) throw new HoldfastError('malformed')
  return codes.some((code) => {
    try {
      return confirmCode({ transcript, typed: typed.trim(), code }) === transcript
    } catch (error) {
      if (isHoldfastError(error) && error.code === 'codes_differ') return false
      throw error
    }
  })
}
