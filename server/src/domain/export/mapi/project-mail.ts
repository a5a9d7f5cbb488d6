import { hash } from 'node:crypto'
import { hasTextInBase64 } from '../../../formats/eml/base64-check.ts'
import { htmlReferences } from '../../../formats/eml/html-references.ts'
import { indexParts, type MimePart } from '../../../formats/eml/index-parts.ts'
import { isUuencoding } from '../../../formats/eml/open-content.ts'
import { readMessageHeader } from '../../../formats/eml/read-message-header.ts'
import { attachmentName } from '../../../formats/eml/read-parameters.ts'
import { hasMoreThanUuencode } from '../../../formats/eml/uuencode-check.ts'
import type { DegradationCode } from '../../../formats/mapi/degradations.ts'
import type { ItemFacts, MapiAttachment, MapiMessage, Projected } from '../../../formats/mapi/message.ts'
import * as a from '../../../formats/mapi/properties-attachment.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import { createPropertyBag, type PropertyBag } from '../../../formats/mapi/property.ts'
import type { RawItem } from '../raw-item.ts'
import { messageAttachment, partAttachment, type References, rawAttachment } from './mail-attachments.ts'
import { type MailBodies, readBodies, type TextBudget } from './mail-bodies.ts'
import { projectFlags } from './mail-flags.ts'
import { dateOf, projectedFields, projectHeader } from './mail-headers.ts'
import { layOut, type MailLayout } from './mail-layout.ts'
import { projectAuthors, projectRecipients } from './mail-people.ts'
import { createMailReport, type MailReport } from './mail-report.ts'
import { securedAttachment, securityOf } from './mail-secured.ts'

/** Messages within each other; one that lies deeper is attached as a file. */
const maxMessageDepth = 8
/** Messages within one message, all depths together. */
const maxMessages = 500
/** Of all headers and texts of one message, those of the messages within included: they are in memory together. */
const maxTextBytes = 16_777_216
/** Of one header. */
const maxHeaderBytes = 4_194_304

const messageClasses = { opaque: 'IPM.Note.SMIME', 'clear-signed': 'IPM.Note.SMIME.MultipartSigned' } as const
/** English of the United States: the language of what is not said to be of another. */
const localeId = 1033
const utf8CodePage = 65_001
const noReferences: References = { contentIds: new Set(), locations: new Set() }
/** Of a message within another, as far as its reader is concerned. */
const embeddedFlags: readonly string[] = ['\\Seen']

type Walk = {
  readonly raw: RawItem
  readonly report: MailReport
  readonly signal: AbortSignal
  readonly budget: TextBudget
  messagesLeft: number
}

const setBodies = (bag: PropertyBag, { text, html }: MailBodies) => {
  bag.set(p.PidTagMessageCodepage, utf8CodePage).set(p.PidTagInternetCodepage, utf8CodePage)
  if (text !== null) bag.set(p.PidTagBody, text)
  if (html !== null) bag.set(p.PidTagHtml, Buffer.from(html, 'utf8'))
  if (text !== null || html !== null) bag.set(p.PidTagNativeBody, html === null ? 1 : 3)
}

const setAttachmentFlags = (bag: PropertyBag, attachments: readonly MapiAttachment[]) => {
  const isVisible = attachments.some(({ properties }) => properties.get(a.PidTagAttachmentHidden) !== true)
  const flags = bag.get(p.PidTagMessageFlags) ?? 0
  bag
    .set(p.PidTagHasAttachments, isVisible)
    .set(p.PidTagMessageFlags, isVisible ? flags | p.messageFlags.hasAttachment : flags)
  if (attachments.length > 0 && !isVisible) bag.set(p.PidLidSmartNoAttach, true)
}

const projectAttachment = async (
  walk: Walk,
  part: MimePart,
  references: References,
  depth: number,
  atMs: number,
  whole: MimePart,
): Promise<MapiAttachment> => {
  const inner = part.children[0]
  if (part.kind !== 'message' || inner === undefined)
    return partAttachment(walk.raw, part, references, atMs, walk.report, part === whole)
  const headerBytes = inner.header.end - inner.header.start
  if (depth >= maxMessageDepth || walk.messagesLeft <= 0 || headerBytes > walk.budget.bytes) {
    walk.report.note('embedded_as_file')
    return partAttachment(walk.raw, part, references, atMs, walk.report)
  }
  walk.messagesLeft--
  const { message } = await projectEntity(walk, inner, { flags: embeddedFlags, receivedAtMs: null }, depth + 1, atMs)
  return messageAttachment(message, part, atMs)
}

/** What a decoder passes over in what is encoded; null for nothing. */
const hiddenIn = async ({ raw, signal }: Walk, part: MimePart): Promise<DegradationCode | null> => {
  if (part.kind !== 'leaf') return null
  if (part.encoding === 'base64') return (await hasTextInBase64(raw, part.body, signal)) ? 'base64_with_text' : null
  if (!isUuencoding(part.encoding)) return null
  const name = attachmentName(part.disposition, part.type)
  return (await hasMoreThanUuencode(raw, part.body, name, signal)) ? 'uuencode_with_text' : null
}

const noteHiddenText = async (walk: Walk, { pieces, attachments }: MailLayout) => {
  for (const part of [...pieces.flatMap(({ text, html }) => [...text, ...html]), ...attachments]) {
    const code = await hiddenIn(walk, part)
    if (code === null) continue
    // One is enough: the original is kept then.
    walk.report.noteLoss(code)
    return
  }
}

/** `otherwiseMs` is when a message came that does not say it itself. */
const projectEntity = async (
  walk: Walk,
  whole: MimePart,
  facts: ItemFacts,
  depth: number,
  otherwiseMs: number,
): Promise<{ message: MapiMessage & { attachments: MapiAttachment[] }; atMs: number }> => {
  const { raw, report, signal, budget } = walk
  const header = await readMessageHeader(raw, whole.header, maxHeaderBytes, projectedFields)
  budget.bytes -= Math.min(whole.header.end - whole.header.start, maxHeaderBytes)
  const dateMs = dateOf(header)
  const atMs = facts.receivedAtMs ?? dateMs ?? otherwiseMs
  const bag = createPropertyBag()
  const security = securityOf(whole)
  bag.set(p.PidTagMessageClass, security === null ? 'IPM.Note' : messageClasses[security])
  projectHeader(header, bag, atMs, report)
  projectAuthors(header, bag, report)
  const recipients = projectRecipients(header, bag, report)
  bag
    .set(p.PidTagClientSubmitTime, dateMs ?? atMs)
    .set(p.PidTagMessageDeliveryTime, atMs)
    .set(p.PidTagCreationTime, atMs)
    .set(p.PidTagLastModificationTime, atMs)
    .set(p.PidTagMessageLocaleId, localeId)
    .set(p.PidTagSearchKey, hash('md5', `${whole.header.start} ${raw.sizeBytes}\n${header.text}`, 'buffer'))
  projectFlags(facts.flags, header, bag, report)
  const layout = layOut(whole, true)
  // Whatever the text of a signed message lacks is in the attachment that holds it whole.
  const bodyReport = security === null ? report : createMailReport()
  // What is kept undecoded has all of it anyway.
  if (security !== 'clear-signed') await noteHiddenText(walk, layout)
  const bodies = await readBodies(raw, security === 'opaque' ? [] : layout.pieces, budget, bodyReport, signal)
  setBodies(bag, bodies)
  const attachments: MapiAttachment[] = []
  if (security === null) {
    const references = bodies.html === null ? noReferences : htmlReferences(bodies.html)
    for (const part of [...bodies.tooLarge, ...layout.attachments])
      attachments.push(await projectAttachment(walk, part, references, depth, atMs, whole))
    for (const part of layout.signed) {
      report.note('signed_part_kept')
      const range = { start: part.header.start, end: part.body.end }
      attachments.push(
        rawAttachment(raw, range, { name: 'signed-part.eml', mediaType: 'application/octet-stream', atMs }),
      )
    }
  } else {
    if (security === 'opaque') bag.set(p.PidNameContentType, header.first('content-type').trim())
    attachments.push(securedAttachment(raw, whole, security, header, atMs))
  }
  setAttachmentFlags(bag, attachments)
  return { message: { properties: bag, recipients, attachments }, atMs }
}

/**
 * A message (RFC 5322, MIME) as MAPI has it. Content of any kind makes an item: what cannot be expressed is told, and where something
 * is nowhere else the whole message is attached as `original.eml`. Attachments are not held; they read `raw` when they are opened, as
 * often as wanted. Throws nothing but what `raw` throws and the reason of `signal`.
 */
export const projectMail = async (raw: RawItem, facts: ItemFacts, signal: AbortSignal): Promise<Projected> => {
  const report = createMailReport()
  const { root, flaws } = await indexParts(raw, signal)
  const isWholeKept = securityOf(root) !== null
  for (const flaw of flaws) if (!isWholeKept || flaw === 'header_too_long') report.noteLoss(flaw)
  if (raw.sizeBytes === 0) report.note('message_empty')
  else if (root.header.start === root.header.end) report.noteLoss('message_without_header')
  const walk: Walk = { raw, report, signal, budget: { bytes: maxTextBytes }, messagesLeft: maxMessages }
  const { message, atMs } = await projectEntity(walk, root, facts, 0, 0)
  if (report.isLossy) {
    // An S/MIME message has exactly one attachment ([MS-OXOSMIME] §2.1.3); with the original it is a note that holds both.
    if (isWholeKept) report.note('smime_as_note')
    message.properties.set(p.PidTagMessageClass, 'IPM.Note')
    report.note('original_kept')
    const whole = { start: 0, end: raw.sizeBytes }
    message.attachments.push(rawAttachment(raw, whole, { name: 'original.eml', mediaType: 'message/rfc822', atMs }))
    setAttachmentFlags(message.properties, message.attachments)
    message.properties.delete(p.PidLidSmartNoAttach)
  }
  return { message, degraded: report.list() }
}
