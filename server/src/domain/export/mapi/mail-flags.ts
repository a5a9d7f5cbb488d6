import { cleanText } from '../../../formats/eml/clean-text.ts'
import { decodeWords } from '../../../formats/eml/decode-words.ts'
import type { MessageHeader } from '../../../formats/eml/read-message-header.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { decodeModifiedUtf7 } from '../../../formats/utf7/modified-utf7.ts'
import type { MailReport } from './mail-report.ts'

const maxCategories = 200
const maxCategoryLength = 255

/** Labels of Thunderbird, by the names it shows for them. */
const labels: ReadonlyMap<string, string> = new Map([
  ['$label1', 'Important'],
  ['$label2', 'Work'],
  ['$label3', 'Personal'],
  ['$label4', 'To Do'],
  ['$label5', 'Later'],
  ['$phishing', 'Phishing'],
  ['$important', 'Important'],
  ['$muted', 'Muted'],
  ['$followed', 'Followed'],
  ['$memo', 'Memo'],
])
/** Keywords that speak to programs (RFC 5788's registry and what servers set): said by another property, or of no use to a reader. */
const silent: ReadonlySet<string> = new Set([
  '$forwarded',
  'forwarded',
  '$mdnsent',
  '$junk',
  'junk',
  '$notjunk',
  'notjunk',
  'nonjunk',
  '$hasattachment',
  '$hasnoattachment',
  '$submitted',
  '$submitpending',
  '$recent',
  '$x-me-annot-1',
])

/** From keywords of IMAP and from the Keywords field (RFC 5322 §3.6.5), each once, in their order. */
const categoriesOf = (keywords: readonly string[], header: MessageHeader): string[] => {
  const categories = new Map<string, string>()
  const add = (text: string) => {
    const name = cleanText(text).replace(/[,;]/g, ' ').slice(0, maxCategoryLength).toWellFormed().trim()
    if (name !== '' && !categories.has(name.toLowerCase())) categories.set(name.toLowerCase(), name)
  }
  for (const keyword of keywords) {
    const key = keyword.toLowerCase()
    if (!silent.has(key)) add(labels.get(key) ?? decodeModifiedUtf7(keyword))
  }
  for (const field of header.all('keywords'))
    for (const name of decodeWords(field).split(',')) add(cleanText(name).replace(/^"(.*)"$/, '$1'))
  return [...categories.values()]
}

/**
 * What IMAP knows of a message (RFC 9051 §2.3.2) as bits, icon, verb, flag and categories. Whether it has attachments is added to the
 * bits by the caller.
 */
export const projectFlags = (
  flags: readonly string[],
  header: MessageHeader,
  bag: PropertyBag,
  report: MailReport,
): void => {
  const has = (...names: string[]) => flags.some((flag) => names.includes(flag.toLowerCase()))
  const isDraft = has('\\draft')
  bag.set(
    p.PidTagMessageFlags,
    (has('\\seen') ? p.messageFlags.read : 0) | (isDraft ? p.messageFlags.unsent : p.messageFlags.unmodified),
  )
  const isAnswered = has('\\answered')
  const isForwarded = has('$forwarded', 'forwarded', '\\forwarded')
  if (isAnswered && isForwarded) report.note('answered_and_forwarded')
  if (isAnswered) bag.set(p.PidTagIconIndex, 0x105).set(p.PidTagLastVerbExecuted, 102)
  else if (isForwarded) bag.set(p.PidTagIconIndex, 0x106).set(p.PidTagLastVerbExecuted, 104)
  if (has('\\flagged'))
    bag
      .set(p.PidTagFlagStatus, 2)
      .set(p.PidTagFollowupIcon, 6)
      .set(p.PidTagToDoItemFlags, 1)
      .set(p.PidLidFlagRequest, 'Follow up')
  if (has('\\deleted')) report.note('flag_deleted')
  if (has('$junk', 'junk')) bag.set(p.PidTagContentFilterSpamConfidenceLevel, 9)
  else if (has('$notjunk', 'notjunk', 'nonjunk')) bag.set(p.PidTagContentFilterSpamConfidenceLevel, -1)
  // A receipt that was sent is not asked for again (RFC 3503).
  if (has('$mdnsent')) bag.set(p.PidTagReadReceiptRequested, false)
  const categories = categoriesOf(
    flags.filter((flag) => !flag.startsWith('\\')),
    header,
  )
  if (categories.length > maxCategories) report.note('keywords_cut_off')
  if (categories.length > 0) bag.set(p.PidNameKeywords, categories.slice(0, maxCategories))
}
