import { cleanText } from '../../../formats/eml/clean-text.ts'
import { decodeWords } from '../../../formats/eml/decode-words.ts'
import { readDate } from '../../../formats/eml/read-date.ts'
import type { MessageHeader } from '../../../formats/eml/read-message-header.ts'
import { conversationIndex } from '../../../formats/mapi/conversation-index.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { splitSubject } from '../../../formats/mapi/subject-prefix.ts'
import type { MailReport } from './mail-report.ts'

/** The fields of a message that are projected one by one. */
export const projectedFields: ReadonlySet<string> = new Set([
  'bcc',
  'cc',
  'content-type',
  'date',
  'disposition-notification-to',
  'from',
  'importance',
  'in-reply-to',
  'keywords',
  'message-id',
  'priority',
  'references',
  'reply-to',
  'return-receipt-to',
  'sender',
  'sensitivity',
  'subject',
  'to',
  'x-confirm-reading-to',
  'x-msmail-priority',
  'x-priority',
])

/** A PST keeps 255 characters, two of which it needs itself. */
const maxSubjectLength = 253
const maxIdLength = 8_192
/** Of the internet headers as a property, in UTF-16 code units. */
const maxHeadersLength = 262_144
/** 1601, where MAPI's time begins. */
const firstMs = Date.UTC(1601, 0, 1)

const word = (header: MessageHeader, name: string): string => cleanText(header.first(name)).toLowerCase()

const importances: readonly (readonly [field: string, pattern: RegExp, importance: number])[] = [
  ['importance', /^high/, 2],
  ['importance', /^low/, 0],
  ['importance', /^normal/, 1],
  ['x-priority', /^[12]\b/, 2],
  ['x-priority', /^[45]\b/, 0],
  ['x-msmail-priority', /^high/, 2],
  ['x-msmail-priority', /^low/, 0],
  ['priority', /^urgent/, 2],
  ['priority', /^non-urgent/, 0],
]
const sensitivities: ReadonlyMap<string, number> = new Map([
  ['personal', 1],
  ['private', 2],
  ['company-confidential', 3],
])

export const subjectOf = (header: MessageHeader): string => cleanText(decodeWords(header.first('subject')))

/** Date in milliseconds; null where it is missing, is no date, or before MAPI's time. */
export const dateOf = (header: MessageHeader): number | null => {
  const date = readDate(header.first('date'))
  const ms = date === null ? Number.NaN : Date.parse(date)
  return ms >= firstMs ? ms : null
}

const projectSubject = (header: MessageHeader, bag: PropertyBag, atMs: number, report: MailReport) => {
  let subject = subjectOf(header)
  if (subject.length > maxSubjectLength) {
    report.note('subject_cut_off')
    subject = `${subject
      .slice(0, maxSubjectLength - 1)
      .toWellFormed()
      .replace(/\ufffd$/, '')}…`
  }
  const { prefix, normalized } = splitSubject(subject)
  bag
    .set(p.PidTagSubject, subject)
    .set(p.PidTagSubjectPrefix, prefix)
    .set(p.PidTagNormalizedSubject, normalized)
    .set(p.PidTagConversationTopic, normalized)
    .set(p.PidTagConversationIndex, conversationIndex(normalized, atMs))
}

const projectIds = (header: MessageHeader, bag: PropertyBag) => {
  const text = (name: string) => cleanText(header.first(name)).slice(0, maxIdLength) || undefined
  bag
    .set(p.PidTagInternetMessageId, text('message-id'))
    .set(p.PidTagInReplyToId, text('in-reply-to'))
    .set(p.PidTagInternetReferences, text('references'))
}

const projectUrgency = (header: MessageHeader, bag: PropertyBag) => {
  const importance = importances.find(([field, pattern]) => pattern.test(word(header, field)))?.[2] ?? 1
  bag
    .set(p.PidTagImportance, importance)
    .set(p.PidTagPriority, importance - 1)
    .set(p.PidTagSensitivity, sensitivities.get(word(header, 'sensitivity')) ?? 0)
}

const projectReceipts = (header: MessageHeader, bag: PropertyBag) => {
  const asksForRead = header.first('disposition-notification-to') || header.first('x-confirm-reading-to')
  bag
    .set(p.PidTagReadReceiptRequested, asksForRead !== '')
    .set(p.PidTagOriginatorDeliveryReportRequested, header.first('return-receipt-to') !== '')
}

/** Subject, ids, urgency, receipts and the header as it stands. `atMs` is when the message came. */
export const projectHeader = (header: MessageHeader, bag: PropertyBag, atMs: number, report: MailReport): void => {
  projectSubject(header, bag, atMs, report)
  projectIds(header, bag)
  projectUrgency(header, bag)
  projectReceipts(header, bag)
  if (header.isCutOff) report.noteLoss('header_too_long')
  const text = header.text.replaceAll('\0', '')
  if (text.length !== header.text.length) report.noteLoss('nul_removed')
  if (text.length > maxHeadersLength) report.noteLoss('headers_shortened')
  const end =
    text.length > maxHeadersLength ? Math.max(text.lastIndexOf('\r\n', maxHeadersLength - 2), 0) + 2 : text.length
  const kept = text.slice(0, Math.min(end, maxHeadersLength)).toWellFormed()
  if (kept.trim() !== '') bag.set(p.PidTagTransportMessageHeaders, kept)
}
