/**
 * Numbers of a circle that its schema refuses anyway: looked at first, so that whoever chose them learns which one is wrong.
 */
import { HoldfastError, MAX_CONTACTS, type Signed, parseCanonical } from '@holdfast/client/protocol'
import { z } from 'zod'

const counts = z.object({
  core: z.object({ policy: z.object({ threshold: z.number() }), slots: z.array(z.unknown()) }),
})

/** Throws `too_many_contacts`, `threshold_out_of_range`, or `malformed` for a text that is not canonical. */
export const refuseNumbers = (manifest: Signed): void => {
  const read = counts.safeParse(parseCanonical(manifest.body))
  // Anything else that is wrong is the strict schema's to say.
  if (!read.success) return
  const { policy, slots } = read.data.core
  if (slots.length > MAX_CONTACTS) throw new HoldfastError('too_many_contacts')
  if (policy.threshold < 2 || policy.threshold > slots.length)
    throw new HoldfastError('threshold_out_of_range')
}
