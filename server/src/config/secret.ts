import { inspect } from 'node:util'

/**
 * A value that must not appear in a log, an answer or an error: it prints as `[secret]` whichever way it is printed, and
 * cannot be cloned to another thread by accident. Only `reveal` gives it away, at the place that needs it.
 */
export type Secret = { reveal(): string }

const printed = '[secret]'

export const secret = (value: string): Secret => {
  const hidden = { reveal: () => value }
  for (const name of ['toString', 'toJSON', inspect.custom, Symbol.toPrimitive])
    Object.defineProperty(hidden, name, { value: () => printed, enumerable: false })
  return Object.freeze(hidden)
}
