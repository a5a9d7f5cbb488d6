import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { CheckHost } from '../../ports/delivery.ts'

/** What never is another machine to deliver to. */
const localNetworks = [
  // "This network" (RFC 1122 §3.2.1.3): Linux connects to itself for it.
  '0.0.0.0/8',
  '127.0.0.0/8',
  // Link-local, and with it the metadata services of clouds (RFC 3927).
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::/10',
  'ff00::/8',
  // The metadata service of a cloud, at a private address of IPv6.
  'fd00:ec2::254',
  // NAT64 of local use (RFC 8215): which IPv4 address one stands for is known to the network alone.
  '64:ff9b:1::/48',
]

/** Prefixes of IPv6 addresses that stand for an IPv4 address, and at which bytes it lies. */
const carriers: readonly { readonly prefix: string; readonly at: readonly number[] }[] = [
  // Mapped (RFC 4291 §2.5.5.2), the older compatible form (§2.5.5.1), and translated (RFC 2765 §2.1).
  { prefix: '00000000000000000000ffff', at: [12, 13, 14, 15] },
  { prefix: '000000000000000000000000', at: [12, 13, 14, 15] },
  { prefix: '0000000000000000ffff0000', at: [12, 13, 14, 15] },
  // NAT64 (RFC 6052 §2.1).
  { prefix: '0064ff9b0000000000000000', at: [12, 13, 14, 15] },
  // 6to4 (RFC 3056 §2).
  { prefix: '2002', at: [2, 3, 4, 5] },
]

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')
/** An address of the local link names its interface behind it, which says nothing about where it leads. */
const withoutZone = (address: string): string => address.replace(/%.*$/s, '')

type Addresses = { has(address: string): boolean }

/** A list for each family: one for both takes 127.0.0.1 for a part of `::/0`. */
const listOf = (networks: readonly string[]): Addresses => {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const network of networks) {
    const [given = '', prefix] = network.split('/')
    const address = withoutZone(given)
    const family = familyOf(address)
    if (prefix === undefined) lists[family].addAddress(address, family)
    else lists[family].addSubnet(address, Number(prefix), family)
  }
  return { has: (address) => lists[familyOf(address)].check(address, familyOf(address)) }
}

/** The sixteen bytes of an IPv6 address in any spelling (RFC 4291 §2.2). */
const bytesOf = (address: string): Buffer => {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(':'),
  )
  const [head = '', tail] = hex.split('::').map((part) => part.split(':').filter((word) => word !== ''))
  const words = [...head, ...Array<string>(8 - head.length - (tail?.length ?? 0)).fill('0'), ...(tail ?? [])]
  return Buffer.from(words.map((word) => word.padStart(4, '0')).join(''), 'hex')
}

/** The IPv4 addresses an IPv6 address may lead to. */
const carriedBy = (address: string): string[] => {
  if (!isIPv6(address)) return []
  const bytes = bytesOf(address)
  const hex = bytes.toString('hex')
  return carriers.filter(({ prefix }) => hex.startsWith(prefix)).map(({ at }) => at.map((i) => bytes[i]).join('.'))
}

export type AddressRule = {
  /** Whether nothing is uploaded to this IP address. */
  forbids(address: string): boolean
}

/** The addresses of this machine, as they are now. */
export const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((ofOne) => (ofOne ?? []).map(({ address }) => address))

/**
 * A destination is another machine: loopback, the local link, groups, and every address of this machine itself are forbidden, also in
 * their IPv6 disguises, unless `allowed` (addresses and networks) has them.
 */
export const createAddressRule = (allowed: readonly string[], own: readonly string[]): AddressRule => {
  const localList = listOf([...localNetworks, ...own])
  const allowedList = listOf(allowed)
  return {
    forbids: (address) => {
      const plain = withoutZone(address)
      if (allowedList.has(plain)) return false
      return [plain, ...carriedBy(plain)].some((one) => localList.has(one) && !allowedList.has(one))
    },
  }
}

/** A host that is written as an address is judged before anything is saved; where a name leads is known only when it is connected to. */
export const createCheckHost =
  (allowedAddresses: readonly string[]): CheckHost =>
  (host) => {
    if (isIP(host) !== 0 && createAddressRule(allowedAddresses, ownAddresses()).forbids(host))
      throw new AppError('destination_forbidden', { details: { host, address: host } })
  }
