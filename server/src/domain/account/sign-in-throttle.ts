import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Clock } from '../../ports/clock.ts'
import { networkOf } from './network-of.ts'

/**
 * Slows down whoever guesses passwords, by user name and by address, with a memory of fixed size. From where a name has signed in before
 * only what failed from there counts against it, so that nobody can keep others out by guessing at their names.
 */
export type SignInThrottle = {
  /**
   * Counts an attempt as failed before it is made, so that many at once are not let through together.
   * @throws AppError `sign_in_throttled`
   */
  begin(attempt: SignInAttempt): void
  /** The attempt was a good one: it does not count, and what had failed before under this name is forgotten. */
  succeeded(attempt: SignInAttempt): void
  /** The attempt was not decided (the service was busy): it does not count. */
  undecided(attempt: SignInAttempt): void
  /** Many attempts at the name were refused from where it has signed in: then nothing may answer them but `begin`. */
  isFlooded(attempt: SignInAttempt): boolean
}
export type SignInAttempt = { readonly userName: string; readonly address: string }

export type ThrottleRule = { readonly freeFailures: number; readonly longestWaitMs: number }
// A name is known to others, and its owner must not be locked out for long; an address is the guesser's own, or a whole office.
const nameRule: ThrottleRule = { freeFailures: 5, longestWaitMs: 60_000 }
const addressRule: ThrottleRule = { freeFailures: 20, longestWaitMs: 15 * 60_000 }

/** For the second factor: whoever guesses it knows the password, so nobody else can lock its owner out. */
export const factorRule: ThrottleRule = { freeFailures: 5, longestWaitMs: 15 * 60_000 }

type Failures = { failures: number; lastAtMs: number; refusals: number }
const forgetAfterMs = 30 * 60_000
const refusalsAtMost = 20

export const createSignInThrottle = (
  { clock }: { readonly clock: Clock },
  {
    rememberedAtMost = 10_000,
    ofName = nameRule,
  }: { readonly rememberedAtMost?: number; readonly ofName?: ThrottleRule } = {},
): SignInThrottle => {
  // In order of the last failure, so that the oldest goes first when there is no more room.
  const failed = new Map<string, Failures>()

  // Where names have signed in, by the key of what fails from there; the one longest unused goes first.
  const known = new Set<string>()

  const keysOf = ({ userName, address }: SignInAttempt) => {
    const name = `name ${userName.normalize('NFC').toLowerCase()}`
    const network = networkOf(address)
    return { name, nameFromHere: `${name} from ${network}`, address: `address ${network}` }
  }
  const waitMs = (key: string, rule: ThrottleRule, nowMs: number): number => {
    const record = failed.get(key)
    if (!record || record.failures < rule.freeFailures) return 0
    const pauseMs = Math.min(rule.longestWaitMs, 1_000 * 2 ** Math.min(30, record.failures - rule.freeFailures))
    return record.lastAtMs + pauseMs - nowMs
  }
  const keep = (key: string, record: Failures) => {
    failed.set(key, record)
    if (failed.size > rememberedAtMost) failed.delete(failed.keys().next().value!)
  }
  const count = (key: string, nowMs: number) => {
    const before = failed.get(key)
    const failures = before && nowMs - before.lastAtMs < forgetAfterMs ? before.failures + 1 : 1
    failed.delete(key)
    keep(key, { failures, lastAtMs: nowMs, refusals: 0 })
  }
  const takeBack = (key: string) => {
    const record = failed.get(key)
    if (record) record.failures--
    if (record && record.failures <= 0) failed.delete(key)
  }

  return {
    begin: (attempt) => {
      const nowMs = clock.now().getTime()
      const { name, nameFromHere, address } = keysOf(attempt)
      const nameHere = known.has(nameFromHere) ? nameFromHere : name
      const longestMs = Math.max(waitMs(nameHere, ofName, nowMs), waitMs(address, addressRule, nowMs))
      if (longestMs > 0) {
        if (known.has(nameFromHere)) {
          // For no other name: refusals cost nothing, and must not push out what is remembered.
          const record = failed.get(nameFromHere) ?? { failures: 0, lastAtMs: nowMs, refusals: 0 }
          keep(nameFromHere, { ...record, refusals: record.refusals + 1 })
        }
        throw new AppError('sign_in_throttled', { details: { seconds: Math.ceil(longestMs / 1_000) } })
      }
      count(name, nowMs)
      if (known.has(nameFromHere)) count(nameFromHere, nowMs)
      count(address, nowMs)
    },
    succeeded: (attempt) => {
      const { name, nameFromHere, address } = keysOf(attempt)
      // What others fail with elsewhere goes on counting against them.
      if (known.delete(nameFromHere)) takeBack(name)
      else failed.delete(name)
      failed.delete(nameFromHere)
      known.add(nameFromHere)
      if (known.size > rememberedAtMost) known.delete(known.keys().next().value!)
      // The address keeps what failed under other names: one good account must not wash it clean.
      takeBack(address)
    },
    undecided: (attempt) => {
      for (const key of Object.values(keysOf(attempt))) takeBack(key)
    },
    isFlooded: (attempt) => {
      const record = failed.get(keysOf(attempt).nameFromHere)
      return record !== undefined && record.refusals >= refusalsAtMost
    },
  }
}
