/**
 * Frozen: a statement of destinations, and bodies that no service may take.
 */
import {
  canonicalize,
  type DestinationsBody,
  type Json,
  publicHalf,
  signDestinations,
  toBase64url,
} from '@holdfast/client/protocol'
import { personOf } from './cast.ts'

const PUSH = {
  endpoint: 'https://updates.push.example/wpush/v2/gAAAAA?x=1',
  p256dh: `B${'x'.repeat(85)}A`,
  auth: 'AAECAwQFBgcICQoLDA0ODw',
}

export const noticesVector = async (): Promise<Json> => {
  const { account, seed, identity } = await personOf('vector/owner')
  const body: DestinationsBody = {
    account,
    sequence: 7,
    language: 'de-CH',
    mail: 'ada+holdfast@example.org',
    push: [PUSH],
    webhook: true,
    digest: true,
  }
  const { message } = await signDestinations(body, identity)
  const but = (changes: object): string => canonicalize({ ...body, ...changes } as unknown as Json)
  const mail = (address: string): string => but({ mail: address })
  const endpoint = (address: string): string => but({ push: [{ ...PUSH, endpoint: address }] })
  return {
    seed: toBase64url(seed.expose()),
    signing: publicHalf(identity).signing,
    statement: message,
    refused: {
      'a sequence of zero': but({ sequence: 0 }),
      'no language': but({ language: '' }),
      'a language with a line end': but({ language: 'de\n' }),
      'two addresses': mail('ada@example.org,eve@example.org'),
      'two at signs': mail('ada@eve@example.org'),
      'a line end in an address': mail('ada@example.org\r\nBcc: eve@example.org'),
      'a name before the address': mail('Ada <ada@example.org>'),
      'a quoted address': mail('"ada"@example.org'),
      'an address that could be an option': mail('-oQ/tmp@example.org'),
      'an address in digits': mail('ada@[127.0.0.1]'),
      'an address without a domain': mail('ada@localhost'),
      'an address of 255 characters': mail(`ada@${'a.'.repeat(124)}com`),
      'push without TLS': endpoint('http://push.example.net/x'),
      'push to an address in digits': endpoint('https://127.0.0.1/x'),
      'push to one number': endpoint('https://2130706433/x'),
      'push to an address of IPv6': endpoint('https://[::1]/x'),
      'push to this machine': endpoint('https://localhost/x'),
      'push to a machine nearby': endpoint('https://metadata.google.internal/x'),
      'push to a port': endpoint('https://push.example.net:8443/x'),
      'push with a user': endpoint('https://user@push.example.net/x'),
      'push with a final dot': endpoint('https://push.example.net./x'),
      'push with a fragment': endpoint('https://push.example.net/x#y'),
      'push with a backslash': endpoint('https://push.example.net\\@127.0.0.1/x'),
      'push to 513 characters': endpoint(`https://push.example.net/${'x'.repeat(488)}`),
      'nine subscriptions': but({ push: Array.from({ length: 9 }, () => PUSH) }),
      'a compressed point': but({ push: [{ ...PUSH, p256dh: `A${'x'.repeat(42)}` }] }),
      'a field more': but({ phone: '+41790000000' }),
      'a field less': canonicalize({ account, sequence: 7 }),
    },
  }
}
