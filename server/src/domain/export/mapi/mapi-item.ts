import { createHash } from 'node:crypto'
import type { MapiAttachment, MapiMessage } from '../../../formats/mapi/message.ts'
import { PidTagAttachmentHidden } from '../../../formats/mapi/properties-attachment.ts'
import {
  messageFlags,
  PidLidSmartNoAttach,
  PidNameKeywords,
  PidTagBody,
  PidTagConversationTopic,
  PidTagCreationTime,
  PidTagHasAttachments,
  PidTagHtml,
  PidTagIconIndex,
  PidTagImportance,
  PidTagInternetCodepage,
  PidTagLastModificationTime,
  PidTagMessageClass,
  PidTagMessageCodepage,
  PidTagMessageFlags,
  PidTagMessageLocaleId,
  PidTagNativeBody,
  PidTagNormalizedSubject,
  PidTagSearchKey,
  PidTagSensitivity,
  PidTagSubject,
} from '../../../formats/mapi/properties-message.ts'
import { createPropertyBag, type PropertyBag } from '../../../formats/mapi/property.ts'
import { withCrlf } from './text-slices.ts'

export type ItemBasics = {
  readonly messageClass: string
  readonly iconIndex: number
  readonly subject: string
  /** What the search key is made of. */
  readonly identity: string
  readonly body?: string | undefined
  readonly html?: string | undefined
  readonly categories?: readonly string[]
  readonly importance?: number
  readonly sensitivity?: number
  readonly createdMs?: number | undefined
  readonly modifiedMs?: number | undefined
}

const utf8Codepage = 65001
const englishLocale = 1033

/** The properties that items of every kind have. Line ends of the body become CRLF. */
export const createItemProperties = (basics: ItemBasics): PropertyBag => {
  const { body = '', html, categories = [] } = basics
  return createPropertyBag()
    .set(PidTagMessageClass, basics.messageClass)
    .set(PidTagIconIndex, basics.iconIndex)
    .set(PidTagSubject, basics.subject)
    .set(PidTagNormalizedSubject, basics.subject)
    .set(PidTagConversationTopic, basics.subject)
    .set(PidTagImportance, basics.importance ?? 1)
    .set(PidTagSensitivity, basics.sensitivity ?? 0)
    .set(PidTagCreationTime, basics.createdMs ?? basics.modifiedMs ?? 0)
    .set(PidTagLastModificationTime, basics.modifiedMs ?? basics.createdMs ?? 0)
    .set(PidTagSearchKey, new Uint8Array(createHash('sha256').update(basics.identity).digest().subarray(0, 16)))
    .set(PidTagMessageLocaleId, englishLocale)
    .set(PidTagMessageCodepage, utf8Codepage)
    .set(PidTagInternetCodepage, utf8Codepage)
    .set(PidTagBody, body === '' ? undefined : withCrlf(body))
    .set(PidTagHtml, html === undefined ? undefined : Buffer.from(html, 'utf8'))
    .set(PidTagNativeBody, html === undefined ? 1 : 3)
    .set(PidNameKeywords, categories.length === 0 ? undefined : categories)
}

/** Puts an item together, with the flags that follow from its attachments; they get its times. */
export const createItem = (
  properties: PropertyBag,
  recipients: readonly PropertyBag[],
  attachments: readonly MapiAttachment[],
): MapiMessage => {
  for (const attachment of attachments) {
    attachment.properties
      .set(PidTagCreationTime, properties.get(PidTagCreationTime))
      .set(PidTagLastModificationTime, properties.get(PidTagLastModificationTime))
  }
  const isVisible = attachments.some((attachment) => attachment.properties.get(PidTagAttachmentHidden) !== true)
  properties
    .set(PidTagMessageFlags, messageFlags.read | (isVisible ? messageFlags.hasAttachment : 0))
    .set(PidTagHasAttachments, isVisible)
    .set(PidLidSmartNoAttach, attachments.length > 0 && !isVisible ? true : undefined)
  return { properties, recipients, attachments }
}
