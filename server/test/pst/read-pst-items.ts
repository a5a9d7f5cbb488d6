import {
  type IPSTFolder as AsyncFolder,
  type IPSTMessage as AsyncMessage,
  openPstFile,
} from '@hiraokahypertools/pst-extractor'
import pstExtractor, { type PSTFolder, type PSTMessage } from 'pst-extractor'
import { decodeRecurrence, occurrencesOf, toMs } from '../mapi/decode-recurrence.ts'
import {
  type AttachmentFacts,
  type CardFacts,
  dayText,
  type EventFacts,
  type ItemFacts,
  type LetterFacts,
  localText,
  type MailItemFacts,
  occurrencesCompared,
  type RecipientFacts,
  type RecurrenceFacts,
  type TaskFacts,
  textHash,
} from './item-facts.ts'
import { hashOf } from './mail-model.ts'

/** What both libraries call alike; the classes of one of them are not exported. */
type Message = Pick<
  PSTMessage,
  | 'messageClass'
  | 'subject'
  | 'senderName'
  | 'senderEmailAddress'
  | 'clientSubmitTime'
  | 'messageDeliveryTime'
  | 'isRead'
  | 'isUnsent'
  | 'lastVerbExecuted'
  | 'body'
  | 'sensitivity'
  | 'internetMessageId'
  | 'reminderSet'
  | 'reminderDelta'
  | 'taskDueDate'
>
type Appointment = Message & {
  readonly location: string
  readonly startTime: Date | null
  readonly endTime: Date | null
  readonly subType: boolean
  readonly busyStatus: number
  readonly isRecurring: boolean
  readonly recurrenceStructure: Uint8Array | null
}
type Task = Message & { readonly isTaskComplete: boolean; readonly percentComplete: number }
type Contact = Message & {
  readonly [name in
    | 'displayName'
    | 'givenName'
    | 'surname'
    | 'companyName'
    | 'title'
    | 'email1EmailAddress'
    | 'email2EmailAddress'
    | 'email3EmailAddress'
    | 'mobileTelephoneNumber'
    | 'homeTelephoneNumber'
    | 'businessTelephoneNumber'
    | 'workAddressStreet'
    | 'workAddressCity'
    | 'workAddressPostalCode']: string
} & { readonly birthday: Date | null }

/** What each library has its own way to get. */
type Parts = {
  readonly html: string
  readonly recipients: readonly RecipientFacts[]
  readonly attachments: readonly AttachmentFacts[]
  readonly isFlagged?: boolean
}

const timeMs = (date: Date | null): number => date?.getTime() ?? Number.NaN

const letterFacts = (mail: Message, { html, recipients, attachments }: Parts): LetterFacts => ({
  subject: mail.subject,
  sender: { name: mail.senderName, address: mail.senderEmailAddress },
  recipients: recipients.map(({ type, name, address }) => ({ type, name, address })),
  submittedAtMs: timeMs(mail.clientSubmitTime),
  text: textHash(mail.body),
  html: textHash(html),
  attachments,
})

const lastActs: Readonly<Record<number, MailItemFacts['lastAct']>> = { 102: 'answered', 104: 'forwarded' }
const mailFacts = (mail: Message, parts: Parts): MailItemFacts => ({
  kind: 'mail',
  messageId: mail.internetMessageId,
  ...letterFacts(mail, parts),
  deliveredAtMs: timeMs(mail.messageDeliveryTime),
  isRead: mail.isRead,
  isDraft: mail.isUnsent,
  lastAct: lastActs[mail.lastVerbExecuted] ?? null,
  ...(parts.isFlagged === undefined ? {} : { isFlagged: parts.isFlagged }),
})

const recurrenceFacts = (blob: Uint8Array): RecurrenceFacts => {
  const decoded = decodeRecurrence(blob)
  return {
    isEndless: decoded.endType === 0x2023,
    starts: occurrencesOf(decoded, occurrencesCompared).map(localText),
    exceptions: decoded.exceptions.map(({ start, end, originalStart, subject, location }) => ({
      start: localText(toMs(start)),
      end: localText(toMs(end)),
      originalStart: localText(toMs(originalStart)),
      subject: subject ?? '',
      location: location ?? '',
    })),
  }
}

const eventFacts = (event: Appointment, { recipients }: Parts): EventFacts => ({
  kind: 'event',
  subject: event.subject,
  location: event.location,
  startMs: timeMs(event.startTime),
  endMs: timeMs(event.endTime),
  isAllDay: event.subType,
  isFree: event.busyStatus === 0,
  isPrivate: event.sensitivity === 2,
  text: textHash(event.body),
  reminderMinutes: event.reminderSet ? event.reminderDelta : null,
  organizer: event.senderEmailAddress === '' ? null : { name: event.senderName, address: event.senderEmailAddress },
  recipients,
  recurrence: event.isRecurring ? recurrenceFacts(event.recurrenceStructure ?? new Uint8Array(0)) : null,
})

const taskFacts = (task: Task): TaskFacts => ({
  kind: 'task',
  subject: task.subject,
  isComplete: task.isTaskComplete,
  percent: Math.round(task.percentComplete * 100),
  dueDay: dayText(timeMs(task.taskDueDate)),
})

const cardFacts = (card: Contact, { attachments }: Parts): CardFacts => {
  const photo = attachments.find(({ name }) => name === 'ContactPicture.jpg')?.content
  return {
    kind: 'card',
    name: card.displayName,
    given: card.givenName,
    family: card.surname,
    company: card.companyName,
    title: card.title,
    note: card.body.replaceAll('\r\n', '\n'),
    emails: [card.email1EmailAddress, card.email2EmailAddress, card.email3EmailAddress].filter((one) => one !== ''),
    phones: {
      mobile: card.mobileTelephoneNumber,
      home: card.homeTelephoneNumber,
      work: card.businessTelephoneNumber,
    },
    address: {
      street: card.workAddressStreet,
      city: card.workAddressCity,
      code: card.workAddressPostalCode,
    },
    birthday: card.birthday === null ? null : dayText(card.birthday.getTime()),
    photo: typeof photo === 'string' ? photo : null,
  }
}

const factsOf = (item: Message, parts: Parts): ItemFacts => {
  if (item.messageClass === 'IPM.Appointment') return eventFacts(item as Appointment, parts)
  if (item.messageClass === 'IPM.Task') return taskFacts(item as Task)
  return item.messageClass === 'IPM.Contact' ? cardFacts(item as Contact, parts) : mailFacts(item, parts)
}

/** Hears of each item, and of the folder it lies in, as names joined by slashes below the top folder. */
export type Visit = (folder: string, facts: ItemFacts) => void

const topName = 'Top of Outlook data file'

/** Its `getRecipients` gives those of the outermost message always, so the table of a message within another is asked for itself. */
const innerRecipients = async (item: AsyncMessage): Promise<readonly RecipientFacts[]> => {
  const node = await (await item.requestAccessToUserSubNode())?.getSubNodeOf(0x692)
  const table = await node?.extractAsTableContext()
  const recipients: RecipientFacts[] = []
  for (let row = 0; row < (table?.numRows ?? 0); row++) {
    const cells = new Map((await table!.getRow(row)).map(({ key, value }) => [key, Buffer.from(value)]))
    const number = (key: number) => cells.get(key)?.readUInt32LE() ?? 0
    const text = async (key: number) => {
      const bytes = await table!.resolveHeap(number(key))
      return Buffer.from(bytes ?? new ArrayBuffer(0)).toString('utf16le')
    }
    recipients.push({ type: number(0x0c15), name: await text(0x3001), address: await text(0x3003) })
  }
  return recipients
}

const recipientsOf = async (item: AsyncMessage): Promise<readonly RecipientFacts[]> =>
  (await item.getRecipients()).map((one) => ({
    type: one.recipientType,
    name: one.displayName,
    address: one.emailAddress,
    answer: Number(one.getProperty(0x5fff)?.value ?? 0),
  }))

const asyncParts = async (item: AsyncMessage, readRecipients = recipientsOf): Promise<Parts> => ({
  // Its `bodyHTML` knows the property as text only, and it is binary.
  html: Buffer.from((item.getProperty(0x1013)?.value as Uint8Array | undefined) ?? []).toString(),
  isFlagged: item.getProperty(0x1090)?.value === 2,
  recipients: await readRecipients(item),
  attachments: await Promise.all(
    (await item.getAttachments()).map(async (one) => {
      const inner = one.attachMethod === 5 ? await one.getEmbeddedPSTMessage() : null
      if (inner) return { name: one.displayName, content: letterFacts(inner, await asyncParts(inner, innerRecipients)) }
      return { name: one.longFilename, content: hashOf(Buffer.from(one.fileData ?? new ArrayBuffer(0))) }
    }),
  ),
})

/** Every item that npm's @hiraokahypertools/pst-extractor finds. */
export const visitWithHiraoka = async (path: string, visit: Visit): Promise<void> => {
  const file = await openPstFile(path)
  const visitFolder = async (folder: AsyncFolder, names: readonly string[]): Promise<void> => {
    const count = await folder.getEmailCount()
    for (let no = 0; no < count; no++) {
      const item = await folder.getEmail(no)
      visit(names.join('/'), asHiraokaTells(factsOf(item, await asyncParts(item))))
    }
    for (const child of await folder.getSubFolders()) await visitFolder(child, [...names, child.displayName])
  }
  try {
    const top = (await (await file.getRootFolder()).getSubFolders()).find(({ displayName }) => displayName === topName)
    await visitFolder(top!, [])
  } finally {
    file.close()
  }
}

const partsOf = (item: PSTMessage): Parts => ({
  html: item.bodyHTML,
  recipients: Array.from({ length: item.numberOfRecipients }, (_, index) => {
    const one = item.getRecipient(index)!
    return { type: one.recipientType, name: one.displayName, address: one.emailAddress }
  }),
  attachments: Array.from({ length: item.numberOfAttachments }, (_, index) => {
    const one = item.getAttachment(index)
    if (one.attachMethod === 5) return { name: one.displayName, content: 'a message' }
    const bytes = Buffer.alloc(one.filesize)
    const stream = one.fileInputStream
    if (stream && bytes.length > 0) stream.readCompletely(bytes)
    return { name: one.longFilename, content: hashOf(bytes) }
  }),
})

/** Every item that npm's pst-extractor finds. It cannot open embedded messages, those of Outlook neither. */
export const visitWithExtractor = (path: string, visit: Visit): void => {
  const file = new pstExtractor.PSTFile(path)
  const visitFolder = (folder: PSTFolder, names: readonly string[]): void => {
    for (let item = folder.getNextChild(); item !== null; item = folder.getNextChild())
      visit(names.join('/'), factsOf(item as PSTMessage, partsOf(item as PSTMessage)))
    for (const child of folder.getSubFolders()) visitFolder(child, [...names, child.displayName])
  }
  try {
    const top = file
      .getRootFolder()
      .getSubFolders()
      .find(({ displayName }) => displayName === topName)
    visitFolder(top!, [])
  } finally {
    file.close()
  }
}

/** The facts as @hiraokahypertools/pst-extractor tells them: of an event it takes the mark of whole days for a number, which it is not. */
export const asHiraokaTells = (facts: ItemFacts): ItemFacts => {
  if (facts.kind !== 'event') return facts
  const { isAllDay: _, ...others } = facts
  return others
}

/** The facts as pst-extractor tells them: it knows neither flags and answers nor what is in a message within a message. */
export const asExtractorTells = (facts: ItemFacts): ItemFacts => {
  if (facts.kind === 'mail') {
    const { isFlagged: _, ...others } = facts
    const attachments = facts.attachments.map(({ name, content }) => ({
      name,
      content: typeof content === 'string' ? content : 'a message',
    }))
    return { ...others, attachments }
  }
  if (facts.kind !== 'event') return facts
  return { ...facts, recipients: facts.recipients.map(({ answer: _, ...others }) => others) }
}
