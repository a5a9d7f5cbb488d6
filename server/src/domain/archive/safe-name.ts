import { Buffer } from 'node:buffer'

/** Invisible or direction-changing: removed. Includes bidirectional overrides, zero-width characters, variation selectors, tags. */
const ignorable = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu
/** What no file system takes, or Windows does not, or means something else there: becomes '_'. */
const forbidden = /[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\\/:*?"<>|]/gu
/** Device names of Windows, with any extension, in any case. */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(?:\.|$)/i

/** A title may be of any length; more than this much of it never shows in a name. */
const longestLookedAt = 1000

/**
 * One segment of a path that every file system of Windows, macOS and Linux takes as it is, of at most `limitBytes` bytes of
 * UTF-8, in NFC. Answers '' when nothing of the text can be kept. The same text always gives the same name; different
 * texts may give the same one.
 */
export const safeName = (text: string, limitBytes: number): string => {
  const cleaned = text
    .slice(0, longestLookedAt)
    .toWellFormed()
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(ignorable, '')
    .replace(forbidden, '_')
    .normalize('NFC')
    .replace(/^ +/, '')
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length))
  const name = trimEnd(cutToBytes(cleaned, limitBytes - 1)) // one byte is left for the underscore
  return isDeviceName(name) ? `_${name}` : name
}

/** Whether Windows takes a name for one of its devices. */
export const isDeviceName = (name: string): boolean => reserved.test(name)

/** Windows drops dots and spaces at the end of a name, so two names could become one. */
const trimEnd = (name: string): string => name.replace(/[. ]+$/, '')

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The longest beginning of at most `limitBytes` bytes of UTF-8 that ends between two graphemes, or at least between two characters. */
export const cutToBytes = (text: string, limitBytes: number): string => {
  if (text.length * 3 <= limitBytes || Buffer.byteLength(text) <= limitBytes) return text
  const fitting = (parts: Iterable<string>): string => {
    let kept = ''
    let bytes = 0
    for (const part of parts) {
      bytes += Buffer.byteLength(part)
      if (bytes > limitBytes) break
      kept += part
    }
    return kept
  }
  // A single grapheme can be longer than any limit (a letter under a thousand accents).
  const byCharacter = fitting(text)
  const byGrapheme = fitting(graphemesOf(text.slice(0, byCharacter.length + 64)))
  return byGrapheme === '' ? byCharacter : byGrapheme
}

function* graphemesOf(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) yield segment
}

/** Two names with the same key are one file somewhere: case (Windows, macOS) and composition (macOS) are folded. */
export const nameKey = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
