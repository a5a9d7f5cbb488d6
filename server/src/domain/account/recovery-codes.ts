import { createHash, randomInt } from 'node:crypto'

// Without letters and digits that are taken for one another: 31 of them, so that ten are 49 bits.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
const codes = 10
const length = 10

/** Ten codes such as `k7m2p-x4c9r`, each good once in place of the second factor. */
export const newRecoveryCodes = (): readonly string[] =>
  Array.from({ length: codes }, () => {
    const text = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
    return `${text.slice(0, 5)}-${text.slice(5)}`
  })

/** As somebody types it: in any case, with or without the dash. Random enough that a plain hash will do. */
export const recoveryCodeHash = (code: string): string =>
  createHash('sha256').update(code.toLowerCase().replace(/[\s-]/g, '')).digest('hex')
