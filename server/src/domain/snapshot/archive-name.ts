import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isDeviceName } from '../archive/safe-name.ts'

/** The usual limit of a file name is 255 bytes; this leaves room for what browsers and people add. */
const longestUserNameBytes = 120

/** File name for the download, such as `anna@sample.example 2026-11-21 mailbox+calendar.zip`: good on Windows, macOS and Linux, whatever the user is called. */
export const archiveName = ({ userName, createdAt, type }: Pick<Snapshot, 'userName' | 'createdAt' | 'type'>): string =>
  `${safe(userName)} ${createdAt.slice(0, 10)} ${type.join('+')}.zip`

const safe = (userName: string): string => {
  const cleaned = userName
    .normalize('NFC')
    .toWellFormed()
    // Controls and invisible characters that reorder or hide text (U+202E turns "gpj.exe" around).
    .replace(/\p{C}/gu, '')
    .replace(/[<>:"/\\|?*\s]+/gu, ' ')
    .trim()
    // Leading dots hide a file.
    .replace(/^[.\s]+/u, '')
  const name = cutTo(cleaned, longestUserNameBytes) || 'snapshot'
  return isDeviceName(name) ? `_${name}` : name
}

/** Cuts between graphemes, so that no character is left in halves. */
const cutTo = (text: string, bytes: number): string => {
  let result = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    used += new TextEncoder().encode(segment).length
    if (used > bytes) break
    result += segment
  }
  return result.trim()
}
