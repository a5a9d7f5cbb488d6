import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import type { MapiMessage } from '../../mapi/message.ts'
import { PidTagDisplayName, PidTagEmailAddress, PidTagRecipientType } from '../../mapi/properties-recipient.ts'
import type { PropertyBag, PropertyEntry } from '../../mapi/property.ts'
import { type StoredValue, type StoredValues, writeFileTime } from '../ltp/stored-value.ts'
import type { NameMap } from './name-map.ts'
import { ids } from './property-ids.ts'
import { cutText, maxShortText, withoutControls } from './short-text.ts'

export type ValueContext = {
  readonly names: NameMap
  readonly now: () => number
  readonly randomBytes: (count: number) => Uint8Array
  /** Told of each text that had to be cut. */
  readonly wasCut: (canonicalName: string) => void
}

/** The properties of a bag by their ids in this file. Texts among `short` are cleaned and cut. */
export const valuesOf = (bag: PropertyBag, short: ReadonlySet<number>, context: ValueContext): StoredValues => {
  const values: StoredValues = new Map()
  for (const entry of bag.entries()) {
    const id = context.names.idOf(entry.property.key)
    if (id === undefined) context.wasCut(entry.property.canonicalName)
    else values.set(id, short.has(id) ? shortened(entry, context) : entry)
  }
  return values
}

const shortened = (entry: PropertyEntry, context: ValueContext): StoredValue => {
  if (entry.type !== 'string') return entry
  const clean = withoutControls(entry.value)
  if (clean.length > maxShortText) context.wasCut(entry.property.canonicalName)
  return { type: 'string', value: cutText(clean, maxShortText) }
}

const shortOfMessage: ReadonlySet<number> = new Set([
  ids.messageClass,
  ids.subjectPrefix,
  ids.representingName,
  ids.conversationTopic,
  ids.senderName,
  ids.normalizedSubject,
])
/** Columns of the contents table whose cells must not be empty, so that the object has no empty value either. */
const neverEmpty = [ids.messageClass, ids.conversationIndex]

const textOf = (values: StoredValues, id: number): string | undefined => {
  const stored = values.get(id)
  return stored?.type === 'string' ? stored.value : undefined
}

/** What belongs to the row of a message alone. */
const ofTheRow = [
  ids.messageStatus,
  ids.conversationId,
  ids.replItemId,
  ids.replChangeNumber,
  ids.replVersionHistory,
  ids.replFlags,
]
/** Display lists are in a row too, where they should not need a block of their own. */
const maxDisplayList = 1000

/**
 * All properties of a message but its size: what it came with and what a PST has beside.
 * `conversationId` is for its row in the contents table alone.
 */
export const messageValues = (
  message: MapiMessage,
  context: ValueContext,
): { readonly values: StoredValues; readonly conversationId: Uint8Array } => {
  const values = valuesOf(message.properties, shortOfMessage, context)
  const addIfAbsent = (id: number, value: () => StoredValue): void => {
    if (!values.has(id)) values.set(id, value())
  }
  for (const id of ofTheRow) values.delete(id)
  setSubject(values, context)
  addDisplayLists(values, message.recipients, context)
  for (const id of neverEmpty) if (isEmpty(values.get(id))) values.delete(id)
  addIfAbsent(ids.messageClass, () => ({ type: 'string', value: 'IPM.Note' }))
  addIfAbsent(ids.importance, () => ({ type: 'int32', value: 1 }))
  addIfAbsent(ids.sensitivity, () => ({ type: 'int32', value: 0 }))
  addIfAbsent(ids.messageFlags, () => ({ type: 'int32', value: 0 }))
  addIfAbsent(ids.creationTime, () => ({ type: 'time', value: context.now() }))
  addIfAbsent(ids.modificationTime, () => ({ type: 'time', value: context.now() }))
  addIfAbsent(ids.searchKey, () => ({ type: 'binary', value: context.randomBytes(16) }))
  values.set(ids.messageSize, { type: 'int32', value: 0 })
  return { values, conversationId: addConversation(values, context) }
}

const isEmpty = (stored: StoredValue | undefined): boolean =>
  (stored?.type === 'string' || stored?.type === 'binary') && stored.value.length === 0

/**
 * Up to three characters and ": ", as in "Re: " or "AW: " ([MS-OXCMSG] §2.2.1.9). A projection that knows better sets PidTagSubjectPrefix.
 */
const usualPrefix = /^[^\d\s:]{1,3}: /

/** A subject of a PST begins with U+0001 and one more than the length of its prefix ([MS-PST] §2.5.3.1.1.1). */
const setSubject = (values: StoredValues, context: ValueContext): void => {
  const whole = withoutControls(textOf(values, ids.subject) ?? '')
  const given = textOf(values, ids.subjectPrefix)
  const prefix = given !== undefined && whole.startsWith(given) ? given : (usualPrefix.exec(whole)?.[0] ?? '')
  if (whole.length > maxShortText - 2) context.wasCut('PidTagSubject')
  const subject = cutText(whole, maxShortText - 2)
  const rest = subject.slice(prefix.length)
  const setText = (id: number, value: string): void => void values.set(id, { type: 'string', value })
  setText(ids.subject, `\u0001${String.fromCharCode(prefix.length + 1)}${subject}`)
  if (prefix === '') values.delete(ids.subjectPrefix)
  else setText(ids.subjectPrefix, prefix)
  setText(ids.normalizedSubject, rest)
  if (!values.has(ids.conversationTopic)) setText(ids.conversationTopic, rest)
}

const displayLists = [
  [1, ids.displayTo, 'PidTagDisplayTo'],
  [2, ids.displayCc, 'PidTagDisplayCc'],
  [3, ids.displayBcc, 'PidTagDisplayBcc'],
] as const

const addDisplayLists = (values: StoredValues, recipients: readonly PropertyBag[], context: ValueContext): void => {
  for (const [type, id, canonicalName] of displayLists) {
    const list = textOf(values, id) ?? namesOf(recipients, type).join('; ')
    const clean = withoutControls(list)
    if (clean.length > maxDisplayList) context.wasCut(canonicalName)
    if (clean === '') values.delete(id)
    else values.set(id, { type: 'string', value: cutText(clean, maxDisplayList) })
  }
}

const namesOf = (recipients: readonly PropertyBag[], type: number): readonly string[] =>
  recipients
    .filter((person) => ((person.get(PidTagRecipientType) ?? 0) & 0xf) === type)
    .map((person) => person.get(PidTagDisplayName) || person.get(PidTagEmailAddress) || '')
    .filter((name) => name !== '')

/** Adds a conversation index if there is none ([MS-OXOMSG] §2.2.1.3) and answers the conversation id that belongs to it. */
const addConversation = (values: StoredValues, context: ValueContext): Uint8Array => {
  const topic = textOf(values, ids.conversationTopic) ?? ''
  const index = values.get(ids.conversationIndex)
  const tracking = values.get(ids.conversationIndexTracking)
  if (index?.type === 'binary' && index.value.length >= 22 && tracking?.type === 'boolean' && tracking.value)
    return index.value.subarray(6, 22)
  const id = hash('md5', Buffer.from(topic.toUpperCase(), 'utf16le'), 'buffer')
  if (index === undefined) {
    const time = values.get(0x0039) ?? values.get(0x0e06)
    const fileTime = Buffer.alloc(8)
    writeFileTime(fileTime, 0, time?.type === 'time' ? time.value : context.now())
    // The top 40 bits, big-endian, after the byte 0x01.
    const bytes = Buffer.concat([Buffer.from([1]), fileTime.subarray(3).reverse(), id])
    values.set(ids.conversationIndex, { type: 'binary', value: bytes })
  }
  return id
}
