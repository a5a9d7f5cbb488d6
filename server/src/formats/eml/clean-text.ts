// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
const dirty = /[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]| {2}|^ | $/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is removed
const blanks = /[\s\x00-\x1f\x7f-\x9f]+/g

/** One line of text: control characters and runs of white space become one space, none at the ends. */
export const cleanText = (text: string): string => (dirty.test(text) ? text.replace(blanks, ' ').trim() : text)
