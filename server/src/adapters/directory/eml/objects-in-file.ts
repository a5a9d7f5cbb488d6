import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import { splitCalendar } from '../../../formats/ics/split.ts'
import { splitCards } from '../../../formats/vcf/split.ts'
import type { OpenTreeFile } from './file-tree.ts'

/** A file that is larger is one item, whatever is in it. */
const splitLimitBytes = 32 * 1024 * 1024

/** The calendar objects or cards of a file; null when it is one itself, as every message is. */
export const objectsIn = async (
  kind: ItemKind,
  file: OpenTreeFile,
  signal: AbortSignal,
): Promise<readonly Uint8Array[] | null> => {
  if (kind === 'mail' || file.sizeBytes > splitLimitBytes) return null
  const parts: Uint8Array[] = []
  for await (const part of file.chunks(signal)) parts.push(Buffer.from(part))
  const bytes = Buffer.concat(parts)
  return kind === 'calendar' ? splitCalendar(bytes) : splitCards(bytes)
}

/** An object within a file: no name on disk has a '#' in a reference, as that is encoded there (RFC 3986 §3.5). */
export const partRef = (href: string, index: number): string => `${href}#${String(index + 1).padStart(6, '0')}`
