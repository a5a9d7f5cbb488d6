/** Subjects and names have no more characters than this in a PST. */
export const maxShortText = 255

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const controlCharacters = /[\u0000-\u001f\u007f]+/g

export const withoutControls = (text: string): string => text.replace(controlCharacters, ' ')

/** The first `limit` UTF-16 units, or one less rather than half a character. */
export const cutText = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)
}
