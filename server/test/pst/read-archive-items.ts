import ICAL from 'ical.js'
import PostalMime, { type Address, type Email } from 'postal-mime'
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
  type PersonFacts,
  type RecipientFacts,
  type RecurrenceFacts,
  type TaskFacts,
  textHash,
} from './item-facts.ts'
import { hashOf } from './mail-model.ts'

const personOf = (address: Address | undefined): PersonFacts => {
  const mailbox = address?.address ?? ''
  return { name: address?.name || mailbox, address: mailbox }
}

/** The invitation within a message, which postal-mime gives with other line ends. */
const invitationIn = (source: string): Buffer => {
  const [, base64 = ''] =
    /^Content-Type: text\/calendar;.*\r\n.*base64\r\n\r\n([A-Za-z0-9+/=\r\n]+)/m.exec(source) ?? []
  return Buffer.from(base64, 'base64')
}

const attachmentsOf = async (bytes: Buffer, { attachments }: Email): Promise<AttachmentFacts[]> => {
  const found: AttachmentFacts[] = []
  for (const { filename, mimeType, content } of attachments) {
    if (typeof content === 'string') throw new Error('bytes were asked for')
    const inside = Buffer.from(content instanceof ArrayBuffer ? new Uint8Array(content) : content)
    if (mimeType === 'message/rfc822') {
      // Outlook shows a message within a message by its subject, whatever the name of the file.
      const { facts } = await letterOf(inside)
      found.push({ name: facts.subject, content: facts })
    } else if (mimeType === 'text/calendar')
      found.push({ name: filename ?? 'invite.ics', content: hashOf(invitationIn(bytes.toString('latin1'))) })
    else found.push({ name: filename ?? '', content: hashOf(inside) })
  }
  return found
}

const letterOf = async (bytes: Buffer): Promise<{ facts: LetterFacts; messageId: string }> => {
  const mail = await PostalMime.parse(bytes, { attachmentEncoding: 'arraybuffer' })
  const people = (type: number, listed: Address[] = []): RecipientFacts[] =>
    listed.map((one) => ({ type, ...personOf(one) }))
  return {
    messageId: mail.messageId ?? '',
    facts: {
      subject: mail.subject ?? '',
      sender: personOf(mail.from),
      recipients: [...people(1, mail.to), ...people(2, mail.cc), ...people(3, mail.bcc)],
      submittedAtMs: Date.parse(mail.date ?? ''),
      text: textHash(mail.text ?? ''),
      html: textHash(mail.html ?? ''),
      attachments: await attachmentsOf(bytes, mail),
    },
  }
}

const mailFacts = async (bytes: Buffer, internalDate: string, flags: readonly string[]): Promise<MailItemFacts> => {
  const { facts, messageId } = await letterOf(bytes)
  return {
    kind: 'mail',
    messageId,
    ...facts,
    deliveredAtMs: Date.parse(internalDate),
    isRead: flags.includes('\\Seen'),
    isDraft: flags.includes('\\Draft'),
    lastAct: flags.includes('\\Answered') ? 'answered' : flags.includes('$Forwarded') ? 'forwarded' : null,
    isFlagged: flags.includes('\\Flagged'),
  }
}

const localMs = (time: ICAL.Time): number =>
  Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
/** Days begin by the clock of the machine, as nothing names a zone for them. */
const instantOf = (time: ICAL.Time): number =>
  time.isDate ? new Date(time.year, time.month - 1, time.day).getTime() : time.toUnixTime() * 1000

const participantOf = (property: ICAL.Property): PersonFacts => {
  const address = String(property.getFirstValue()).replace(/^mailto:/i, '')
  return { name: String(property.getParameter('cn') ?? address), address }
}
const answers: Readonly<Record<string, number>> = { TENTATIVE: 2, ACCEPTED: 3, DECLINED: 4 }

const recurrenceOf = (event: ICAL.Event): RecurrenceFacts | null => {
  if (!event.isRecurring()) return null
  const rule = event.component.getFirstPropertyValue('rrule') as ICAL.Recur
  const iterator = event.iterator()
  const starts: number[] = []
  for (let at = iterator.next(); at && starts.length < occurrencesCompared + 5; at = iterator.next())
    starts.push(localMs(event.getOccurrenceDetails(at).startDate))
  return {
    isEndless: rule.count === null && rule.until === null,
    starts: starts
      .sort((one, other) => one - other)
      .slice(0, occurrencesCompared)
      .map(localText),
    exceptions: (Object.values(event.exceptions) as ICAL.Event[]).map((one) => ({
      start: localText(localMs(one.startDate)),
      end: localText(localMs(one.endDate)),
      originalStart: localText(localMs(one.recurrenceId)),
      subject: one.summary,
      location: one.location ?? '',
    })),
  }
}

const eventFacts = (master: ICAL.Component, overrides: readonly ICAL.Component[]): EventFacts => {
  const event = new ICAL.Event(master, { exceptions: [...overrides] })
  const organizer = master.getFirstProperty('organizer')
  const trigger = master.getFirstSubcomponent('valarm')?.getFirstPropertyValue('trigger')
  const attendees = master.getAllProperties('attendee')
  return {
    kind: 'event',
    subject: event.summary,
    location: event.location ?? '',
    startMs: instantOf(event.startDate),
    endMs: instantOf(event.endDate),
    isAllDay: event.startDate.isDate,
    isFree: master.getFirstPropertyValue('transp') === 'TRANSPARENT',
    isPrivate: master.getFirstPropertyValue('class') === 'PRIVATE',
    text: textHash(event.description ?? ''),
    reminderMinutes: trigger instanceof ICAL.Duration ? -trigger.toSeconds() / 60 : null,
    organizer: organizer && participantOf(organizer),
    recipients: [
      ...(organizer ? [{ type: 1, ...participantOf(organizer), answer: 0 }] : []),
      ...attendees.map((one) => ({
        type: one.getParameter('role') === 'OPT-PARTICIPANT' ? 2 : 1,
        ...participantOf(one),
        answer: answers[String(one.getParameter('partstat'))] ?? 0,
      })),
    ],
    recurrence: recurrenceOf(event),
  }
}

const taskFacts = (todo: ICAL.Component): TaskFacts => ({
  kind: 'task',
  subject: String(todo.getFirstPropertyValue('summary')),
  isComplete: todo.getFirstPropertyValue('status') === 'COMPLETED',
  percent: Number(todo.getFirstPropertyValue('percent-complete') ?? 0),
  dueDay: dayText(localMs(todo.getFirstPropertyValue('due') as ICAL.Time)),
})

const calendarFacts = (text: string): EventFacts | TaskFacts => {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[])
  const todo = calendar.getFirstSubcomponent('vtodo')
  if (todo) return taskFacts(todo)
  const events = calendar.getAllSubcomponents('vevent')
  const isOverride = (event: ICAL.Component) => event.hasProperty('recurrence-id')
  return eventFacts(events.find((event) => !isOverride(event))!, events.filter(isOverride))
}

const cardFacts = (text: string): CardFacts => {
  const card = new ICAL.Component(ICAL.parse(text) as unknown[])
  const first = (name: string): string => String(card.getFirstPropertyValue(name) ?? '')
  const parts = (name: string): string[] => [card.getFirstPropertyValue(name) ?? []].flat().map(String)
  const phone = (type: string): string => {
    const found = card
      .getAllProperties('tel')
      .find((one) => String(one.getParameter('type')).toLowerCase().includes(type))
    return String(found?.getFirstValue() ?? '').replace(/^tel:/, '')
  }
  const photo = card.getFirstProperty('photo')?.getFirstValue()
  const [family = '', given = ''] = parts('n')
  const [, , street = '', city = '', , code = ''] = parts('adr')
  const [company = ''] = parts('org')
  const birthday = first('bday').replaceAll('-', '')
  return {
    kind: 'card',
    name: first('fn'),
    given,
    family,
    company,
    title: first('title'),
    note: first('note'),
    emails: card.getAllProperties('email').map((one) => String(one.getFirstValue())),
    phones: { mobile: phone('cell'), home: phone('home'), work: phone('work') },
    address: { street, city, code },
    birthday: birthday === '' ? null : birthday.replace(/(....)(..)(..)/, '$1-$2-$3'),
    photo: photo == null ? null : hashOf(Buffer.from(String(photo).replace(/^data:image\/png;base64,/, ''), 'base64')),
  }
}

/** Reads an archived item by postal-mime and ical.js, which our own code has nothing to do with. */
export const archivedFacts = async (
  bytes: Buffer,
  item: { readonly kind: string; readonly internalDate?: string; readonly flags?: readonly string[] },
): Promise<ItemFacts> => {
  if (item.kind === 'mail') return mailFacts(bytes, item.internalDate ?? '', item.flags ?? [])
  const text = bytes.toString('utf8')
  return item.kind === 'calendar' ? calendarFacts(text) : cardFacts(text)
}
