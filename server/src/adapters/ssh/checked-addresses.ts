import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { createAddressRule, ownAddresses } from './address-rule.ts'
import { forbidden, type Peer, timedOut, toConnectionError, unreachable } from './ssh-errors.ts'

/** How names become addresses, and which addresses are this machine’s: the system says. */
export type AddressBook = {
  resolve(host: string): Promise<readonly LookupAddress[]>
  own(): readonly string[]
}

const systemBook: AddressBook = {
  resolve: (host) => lookup(host, { all: true, order: 'verbatim' }),
  own: ownAddresses,
}

/**
 * The addresses of a host that may be connected to, in the order of the resolver. Whoever connects must take these and not look the name
 * up again: the second answer could be another (DNS rebinding).
 * @throws AppError `destination_forbidden`, `destination_unreachable`, `destination_timeout`; `signal.reason` when aborted.
 */
export const checkedAddresses = async (
  { host, allowedAddresses, peer }: { host: string; allowedAddresses: readonly string[]; peer: Peer },
  signal: AbortSignal,
  { resolve, own }: AddressBook = systemBook,
): Promise<readonly LookupAddress[]> => {
  signal.throwIfAborted()
  const family = isIP(host)
  const found = family === 0 ? await settledWithin(resolve(host), peer, signal) : [{ address: host, family }]
  const rule = createAddressRule(allowedAddresses, own())
  const open = found.filter(({ address }) => !rule.forbids(address))
  if (open.length > 0) return open
  throw found[0] ? forbidden(peer, found[0].address) : unreachable(peer, 'its name has no address')
}

/** The resolver of the system cannot be stopped, only left alone. */
const settledWithin = <T>(answer: Promise<T>, peer: Peer, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    const lose = (error: unknown) => {
      end()
      reject(error)
    }
    const abort = () => lose(signal.reason)
    const timer = setTimeout(() => lose(timedOut(peer)), peer.timeoutMs)
    signal.addEventListener('abort', abort, { once: true })
    answer.then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => lose(toConnectionError(peer, error)),
    )
  })
