import type { MapiMessage } from '../../../formats/mapi/message.ts'
import {
  PidNameKeywords,
  PidTagBody,
  PidTagConversationTopic,
  PidTagHtml,
  PidTagNormalizedSubject,
  PidTagSubject,
} from '../../../formats/mapi/properties-message.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import type { Losses } from './losses.ts'

/** A PST holds 255 characters of a subject, two of them its own marks. */
const maxSubjectLength = 253
/** In UTF-16 units. A body and its HTML are held in memory. */
const maxBodyLength = 8 * 1024 * 1024
const maxTextLength = 32_000
const maxCategories = 500
const maxCategoryLength = 255

const limits: ReadonlyMap<string, number> = new Map([
  [PidTagSubject.canonicalName, maxSubjectLength],
  [PidTagNormalizedSubject.canonicalName, maxSubjectLength],
  [PidTagConversationTopic.canonicalName, maxSubjectLength],
  [PidTagBody.canonicalName, maxBodyLength],
])

/** Cut without leaving half of a character. */
const cut = (text: string, length: number): string =>
  text.slice(0, /[\ud800-\udbff]/.test(text[length - 1] ?? '') ? length - 1 : length)

const boundProperties = (properties: PropertyBag, losses: Losses): void => {
  for (const { property, value } of [...properties.entries()]) {
    if (property.type !== 'string' || typeof value !== 'string') continue
    const limit = limits.get(property.canonicalName) ?? maxTextLength
    if (value.length <= limit) continue
    properties.set(property, cut(value, limit))
    losses.add('text_shortened', property.canonicalName)
  }
  const html = properties.get(PidTagHtml)
  if (html !== undefined && html.length > maxBodyLength) {
    // HTML that is cut may show nothing at all; the plain text and the original are there.
    properties.delete(PidTagHtml)
    losses.add('text_shortened', PidTagHtml.canonicalName)
  }
  const keywords = properties.get(PidNameKeywords)
  if (keywords === undefined) return
  if (keywords.length > maxCategories || keywords.some((keyword) => keyword.length > maxCategoryLength)) {
    losses.add('text_shortened', PidNameKeywords.canonicalName)
    properties.set(
      PidNameKeywords,
      keywords.slice(0, maxCategories).map((keyword) => cut(keyword, maxCategoryLength)),
    )
  }
}

/** Shortens the texts of an item, and of the items within it, to what a file can hold; tells which. */
export const boundTexts = (message: MapiMessage, losses: Losses): void => {
  boundProperties(message.properties, losses)
  for (const { content } of message.attachments) if (content.kind === 'message') boundTexts(content.message, losses)
}
