/**
 * Which network addresses are the public Internet's. A push endpoint was stated by whoever owns it, and must lead the service
 * to none of the machines that only it can reach.
 */
import { Resolver } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { callbackify } from 'node:util'

/** IANA's special-purpose registries (RFC 6890), multicast and what is reserved. */
const NOT_PUBLIC_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const
/** Within 2000::/3, which alone is assigned: what leads into IPv4 again, and documentation. */
const NOT_PUBLIC_6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const refused = new BlockList()
for (const [net, prefix] of NOT_PUBLIC_4) refused.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of NOT_PUBLIC_6) refused.addSubnet(net, prefix, 'ipv6')
const assigned = new BlockList()
assigned.addSubnet('2000::', 3, 'ipv6')

/** `address`: as text, without brackets. False for what is no address. */
export const isPublic = (address: string): boolean => {
  const version = isIP(address)
  if (version === 4) return !refused.check(address, 'ipv4')
  return version === 6 && assigned.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}

export class NotPublic extends Error {
  override readonly name = 'NotPublic'
}

/** Of one question to one name server. */
const ANSWER_MS = 2_000

/** What name servers are asked with, unless told otherwise. */
export const newResolver = (): Resolver => new Resolver({ timeout: ANSWER_MS, tries: 1 })

/** IPv4 first. Rejects if there is no address of either kind. */
const addressesOf = async (resolver: Resolver, hostname: string) => {
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  const addresses = [
    ...(four.status === 'fulfilled' ? four.value : []).map((address) => ({ address, family: 4 })),
    ...(six.status === 'fulfilled' ? six.value : []).map((address) => ({ address, family: 6 })),
  ]
  if (addresses.length === 0 && four.status === 'rejected') throw four.reason
  return addresses
}

/**
 * Looks a name up for a connection, which goes to what was looked at and nowhere else. Fails with {@link NotPublic} if any of
 * its addresses is not public: one that is would only be a disguise.
 *
 * [Note: No thread waits] Asks name servers itself, not by the system's call: that holds one of the process's few threads until
 * it has an answer, and names whose servers are slow would stop every look-up and every file of the process.
 */
export const publicLookup =
  (resolver: Resolver): LookupFunction =>
  (hostname, options, callback) => {
    callbackify(addressesOf)(resolver, hostname, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const [first] = addresses
      if (first === undefined || addresses.some(({ address }) => !isPublic(address)))
        return callback(new NotPublic('not a public address'), [])
      if (options.all === true) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
  }
