import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import type { RawItem } from '../raw-item.ts'
import { originalAttachment } from './file-attachment.ts'

/** Attachments with the original of the object among them, if it is still to be attached. */
export type KeepOriginal = (attachments: readonly MapiAttachment[]) => readonly MapiAttachment[]

/** Of all copies of one object together. */
const maxKeptBytes = 1024 * 1024

/**
 * Keeps the original of an object with its items that lost something: with each while the copies are small together, of a large one with the first
 * alone. A whole calendar of thousands of events would be thousands of times as large.
 */
export const createKeepOriginal = (name: string, mediaType: string, raw: RawItem): KeepOriginal => {
  let keptBytes = 0
  return (attachments) => {
    if (keptBytes > 0 && keptBytes + raw.sizeBytes > maxKeptBytes) return attachments
    keptBytes += Math.max(1, raw.sizeBytes)
    return [...attachments, originalAttachment(name, mediaType, raw)]
  }
}
