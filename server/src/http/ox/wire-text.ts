import { z } from 'zod'

/** A text field; what is wrong with it is told by its name. */
export const wireText = (name: string) =>
  z.string({ error: ({ input }) => (input === undefined ? `${name} is missing` : `${name} is a string`) }).trim()

/** One of these lower-case words, written in whatever case. */
export const anyCase = <const W extends string>(name: string, words: readonly W[]) =>
  wireText(name)
    .toLowerCase()
    .pipe(z.enum(words, { error: `${name} is one of ${words.join(', ')}, in upper or lower case` }))

/** Some clients write a field they leave out as null. */
export const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
    : value
