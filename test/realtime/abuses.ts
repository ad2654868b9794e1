/**
 * Ways to abuse the live socket. Each opens one connection, does its worst, and says whether it was to be cut off for it.
 */
import { randomBytes } from 'node:crypto'
import { rawConnection, rawSocket, type RawSocket, signIn, within } from './raw-socket.ts'

/** What the attackers have, and what they are after. */
export interface Prey {
  readonly url: string
  /** Of the owner's account, the contact's and the request's: none of it is any attacker's. */
  readonly account: string
  readonly recovery: string
  /** Tokens that count, of people whom the owner's affairs do not concern. */
  readonly stranger: () => string
  readonly foreignTenant: () => string
  readonly otherRequester: () => string
  /** Tokens of the owner's that do not count. */
  readonly expired: string
  readonly forged: string
  readonly revoked: string
}

export interface Abuse {
  /** Whether the service has to cut this off by itself. */
  readonly isCut: boolean
  attack(prey: Prey, turn: number): Promise<RawSocket>
}

/** Signed in as somebody with a token that counts. */
const admitted = async ({ url, stranger }: Prey, token = stranger()): Promise<RawSocket> => {
  const raw = await rawSocket(url)
  signIn(raw, token)
  await within(20_000, () => raw.isCut() || raw.heard().includes('40{"sid"'))
  return raw
}

const said = (isCut: boolean, ...texts: readonly string[]): Abuse => ({
  isCut,
  async attack(prey) {
    const raw = await admitted(prey)
    for (const text of texts)
      raw.say(text.replaceAll('OWNER', prey.account).replaceAll('REQUEST', prey.recovery))
    return raw
  },
})

const refused = (token: (prey: Prey) => unknown): Abuse => ({
  isCut: true,
  async attack(prey) {
    const raw = await rawSocket(prey.url)
    signIn(raw, token(prey))
    await within(20_000, () => raw.isCut() || raw.heard().includes('44{'))
    // Told no, it stays and tries to listen all the same.
    raw.say('42["join","account:OWNER"]'.replace('OWNER', prey.account))
    return raw
  },
})

const framed = (attack: (raw: RawSocket, turn: number) => void): Abuse => ({
  isCut: true,
  async attack(prey, turn) {
    const raw = await admitted(prey)
    attack(raw, turn)
    return raw
  },
})

const GUESSES = [
  'join',
  'subscribe',
  'changed',
  'message',
  '__proto__',
  'constructor',
  'disconnecting',
  'newListener',
  '*',
]

export const ABUSES: Readonly<Record<string, Abuse>> = {
  'listens with a token of its own': said(false),
  'listens for another tenant': { isCut: false, attack: (prey) => admitted(prey, prey.foreignTenant()) },
  'listens for another request': { isCut: false, attack: (prey) => admitted(prey, prey.otherRequester()) },
  'has no token': refused(() => undefined),
  'has a token that is none': refused(() => ({ token: { $ne: null }, length: 7, toString: 'x' })),
  'has an expired token': refused(({ expired }) => expired),
  'has a forged token': refused(({ forged }) => forged),
  'has a revoked device': refused(({ revoked }) => revoked),
  'has a token of 100 KB': refused(() => 'x'.repeat(100_000)),
  'asks for rooms': said(true, '42["join","account:OWNER"]', '42["subscribe","request:OWNER:REQUEST"]'),
  'guesses names of events': {
    isCut: true,
    async attack(prey, turn) {
      const raw = await admitted(prey)
      raw.say(`42${JSON.stringify([GUESSES[turn % GUESSES.length], prey.account])}`)
      return raw
    },
  },
  'asks for another namespace': said(false, '40/account,{}', '40/admin,{"token":"x"}', '42/admin,["join"]'),
  'speaks as the service': said(
    true,
    '42["changed",{"event":"recovery-opened","account":"OWNER"}]',
    '43[{}]',
  ),
  'renews with nothing': said(true, '420["renew",null]'),
  'renews with an object': said(true, '420["renew",{"toString":"x","__proto__":{"role":"device"}}]'),
  'acknowledges what nobody asked': said(false, '439999999999[1]', '430[{}]'),
  'attaches bytes that never come': said(
    true,
    '4599-["renew",{"_placeholder":true,"num":0}]',
    '42["renew","x"]',
  ),
  'sends no JSON': said(true, '42[', '42{"a":1}', '4'),
  'sends an unknown packet': said(true, '9nonsense'),
  'upgrades what is upgraded': said(true, '2probe', '5', '6', 'x'),
  'sends 17 KB': said(true, `42["renew","${'x'.repeat(17_000)}"]`),
  'claims to send an exabyte': framed((raw) => raw.frame(Buffer.from('4'), { claims: 2n ** 60n })),
  'sends frames unmasked': framed((raw) => raw.frame(Buffer.from('42["renew","x"]'), { masked: false })),
  'sends reserved bits': framed((raw) => raw.frame(Buffer.from('2'), { head: 0xf1 })),
  'sends an unknown opcode': framed((raw) => raw.frame(Buffer.from('2'), { head: 0x8b })),
  'sends what is not UTF-8': framed((raw) => raw.frame(Uint8Array.of(0x34, 0xff, 0xfe, 0xc0))),
  'sends a long ping': framed((raw) => raw.frame(randomBytes(126), { head: 0x89 })),
  'sends noise': framed((raw) => raw.bytes(randomBytes(4096))),
  'fragments without an end': framed((raw) => {
    raw.frame(Buffer.from('42["renew","'), { head: 0x01 })
    for (let part = 0; part < 40; part += 1) raw.frame(Buffer.alloc(1000, 120), { head: 0x00 })
  }),
  'never says who it is': { isCut: true, attack: ({ url }) => rawSocket(url) },
  'never ends its headers': {
    isCut: true,
    async attack({ url }) {
      const raw = await rawConnection(url)
      raw.bytes('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: a\r\nx: ')
      return raw
    },
  },
  'says nothing at all': { isCut: true, attack: ({ url }) => rawConnection(url) },
  'comes from another page': {
    isCut: true,
    attack: ({ url }) => rawSocket(url, { origin: 'https://evil.example' }),
  },
  'asks for a session that is not its own': {
    isCut: true,
    async attack({ url, account }) {
      const raw = await rawConnection(url)
      const head = `host: ${new URL(url).host}\r\nconnection: close\r\ncontent-length: 2`
      raw.bytes(`POST /socket.io/?EIO=4&transport=polling&sid=${account} HTTP/1.1\r\n${head}\r\n\r\n40`)
      return raw
    },
  },
}
