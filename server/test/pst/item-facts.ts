import { hashOf } from './mail-model.ts'

/**
 * What an item says, told alike by whoever reads an archive and whoever reads a PST. Long texts are told by their hash. `null` is what an item
 * does not have.
 */
export type PersonFacts = { readonly name: string; readonly address: string }
export type RecipientFacts = PersonFacts & {
  /** 1 To or required, 2 Cc or optional, 3 Bcc or a resource. */
  readonly type: number
  /** Of a meeting: 0 none, 2 tentative, 3 accepted, 4 declined; absent where the reader does not tell. */
  readonly answer?: number
}
export type AttachmentFacts = { readonly name: string; readonly content: string | LetterFacts }
export type LetterFacts = {
  readonly subject: string
  readonly sender: PersonFacts
  readonly recipients: readonly RecipientFacts[]
  readonly submittedAtMs: number
  readonly text: string
  readonly html: string
  readonly attachments: readonly AttachmentFacts[]
}
export type MailItemFacts = LetterFacts & {
  readonly kind: 'mail'
  readonly messageId: string
  readonly deliveredAtMs: number
  readonly isRead: boolean
  readonly isDraft: boolean
  readonly lastAct: 'answered' | 'forwarded' | null
  /** Absent where the reader does not tell. */
  readonly isFlagged?: boolean
}

export type RecurrenceFacts = {
  readonly isEndless: boolean
  /** Local start times, the first 40, exceptions where they were moved to. */
  readonly starts: readonly string[]
  readonly exceptions: readonly {
    readonly start: string
    readonly end: string
    readonly originalStart: string
    readonly subject: string
    readonly location: string
  }[]
}
export type EventFacts = {
  readonly kind: 'event'
  readonly subject: string
  readonly location: string
  readonly startMs: number
  readonly endMs: number
  /** Absent where the reader does not tell. */
  readonly isAllDay?: boolean
  readonly isFree: boolean
  readonly isPrivate: boolean
  readonly text: string
  readonly reminderMinutes: number | null
  readonly organizer: PersonFacts | null
  readonly recipients: readonly RecipientFacts[]
  readonly recurrence: RecurrenceFacts | null
}
export type TaskFacts = {
  readonly kind: 'task'
  readonly subject: string
  readonly isComplete: boolean
  readonly percent: number
  /** Absent where the reader does not tell. */
  readonly dueDay?: string
}
export type CardFacts = {
  readonly kind: 'card'
  readonly name: string
  readonly given: string
  readonly family: string
  readonly company: string
  readonly title: string
  readonly note: string
  readonly emails: readonly string[]
  readonly phones: { readonly mobile: string; readonly home: string; readonly work: string }
  readonly address: { readonly street: string; readonly city: string; readonly code: string }
  readonly birthday: string | null
  readonly photo: string | null
}
export type ItemFacts = MailItemFacts | EventFacts | TaskFacts | CardFacts

/** Line ends and what stands behind the last line differ from reader to reader. */
export const textHash = (text: string): string => {
  const plain = text.replaceAll('\r\n', '\n').trimEnd()
  return plain === '' ? '' : hashOf(Buffer.from(plain))
}
export const occurrencesCompared = 40
/** A local time, given in milliseconds as if it were UTC. */
export const localText = (ms: number): string => new Date(ms).toISOString().slice(0, 16)
export const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
