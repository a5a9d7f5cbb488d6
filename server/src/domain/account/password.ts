import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** Hashes and checks passwords with argon2id (RFC 9106) in PHC string format. */
export type Passwords = {
  hash(password: string): Promise<string>
  /** False for a wrong password and for a hash that is none. @throws AppError `too_busy` */
  verify(password: string, phc: string): Promise<boolean>
  /** Takes as long as `verify` and is always false: for names nobody has, so that the time does not tell them apart. */
  verifyNobody(password: string): Promise<false>
}

export type Argon2Cost = { readonly memoryKib: number; readonly passes: number; readonly lanes: number }

/** OWASP's second recommendation of argon2id: 19 MiB, two passes, one lane. */
export const defaultCost: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 }

const tagBytes = 32
const saltBytes = 16
/** What a stored hash may ask for at most; more would be a way to stop the service from within its database. */
const costLimit: Argon2Cost = { memoryKib: 262_144, passes: 16, lanes: 8 }

const derive = (password: string, salt: Buffer, length: number, cost: Argon2Cost): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    argon2(
      'argon2id',
      {
        message: Buffer.from(password.normalize('NFC'), 'utf8'),
        nonce: salt,
        parallelism: cost.lanes,
        tagLength: length,
        memory: cost.memoryKib,
        passes: cost.passes,
      },
      (error, tag) => (error ? reject(error) : resolve(tag)),
    ),
  )

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

type ParsedHash = { readonly cost: Argon2Cost; readonly salt: Buffer; readonly tag: Buffer }

const parsePhc = (phc: string): ParsedHash | null => {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/.exec(phc)
  if (!match) return null
  const cost = { memoryKib: Number(match[1]), passes: Number(match[2]), lanes: Number(match[3]) }
  const isSane =
    cost.lanes >= 1 &&
    cost.lanes <= costLimit.lanes &&
    cost.passes >= 1 &&
    cost.passes <= costLimit.passes &&
    cost.memoryKib >= 8 * cost.lanes &&
    cost.memoryKib <= costLimit.memoryKib
  return isSane ? { cost, salt: Buffer.from(match[4]!, 'base64'), tag: Buffer.from(match[5]!, 'base64') } : null
}

/** Lets few in at a time and few wait: each derivation holds `memoryKib`, so a flood of sign-ins must not hold them all at once. */
const createGate = (atOnce: number, waitingAtMost: number) => {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= waitingAtMost) throw new AppError('too_busy')
      // Whoever leaves hands its place on, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

export const createPasswords = (cost: Argon2Cost = defaultCost): Passwords => {
  const gate = createGate(2, 64)
  const nobodysSalt = randomBytes(saltBytes)
  return {
    hash: async (password) => {
      const salt = randomBytes(saltBytes)
      const tag = await gate(() => derive(password, salt, tagBytes, cost))
      return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes}$${base64(salt)}$${base64(tag)}`
    },
    verify: async (password, phc) => {
      const parsed = parsePhc(phc)
      if (!parsed) return false
      const tag = await gate(() => derive(password, parsed.salt, parsed.tag.length, parsed.cost))
      return timingSafeEqual(tag, parsed.tag)
    },
    verifyNobody: async (password) => {
      await gate(() => derive(password, nobodysSalt, tagBytes, cost))
      return false
    },
  }
}
