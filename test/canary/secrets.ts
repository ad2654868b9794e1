/**
 * Every secret of a story, by name. Devices are asked for what they keep; what is made on the way is noted by whoever tells
 * the story.
 *
 * Not among them: nonces of comparisons that were revealed, and everything signed, sealed or public. Those are meant to be
 * seen.
 */
import type { Storage } from '@holdfast/client'

/** Fields of the SDK's records that hold secrets, 32 or 16 bytes in base64url. */
const FIELDS = ['seed', 'deviceSeed', 'requesterSeed', 'nextSeed', 'secret'] as const
const RECORDS = ['device', 'request', 'invitations', 'recovered'] as const

const secretsIn = (value: unknown, path: string): readonly (readonly [string, Uint8Array])[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
    const at = `${path}.${name}`
    const isSecret = FIELDS.some((one) => one === name) && typeof field === 'string'
    return isSecret ? [[at, Buffer.from(field, 'base64url')] as const] : secretsIn(field, at)
  })
}

export class Secrets {
  readonly all = new Map<string, Uint8Array>()
  /** Texts that must cross the wire in one place, and nowhere else: tokens and tickets. */
  readonly passes = new Set<string>()

  note(name: string, bytes: Uint8Array): void {
    this.all.set(name, Uint8Array.from(bytes))
  }

  noteText(name: string, value: string): void {
    this.note(name, Buffer.from(value, 'utf8'))
  }

  notePass(name: string, value: string): void {
    this.noteText(name, value)
    this.passes.add(name)
  }

  /** Everything secret that this device keeps at this moment. */
  async noteDevice(name: string, storage: Storage): Promise<void> {
    for (const record of RECORDS) {
      const kept = await storage.get(record)
      if (kept === null) continue
      for (const [at, bytes] of secretsIn(JSON.parse(kept), `${name} ${record}`)) this.note(at, bytes)
    }
  }
}
