import { hex, isAll, textOf, u16, u32 } from './bytes.ts'
import { namesStorage } from './check-names.ts'
import { numberAt, type Properties, readProperties, types } from './check-properties.ts'
import type { CompoundFile } from './compound-file.ts'
import type { DirectoryEntry } from './directory.ts'
import type { Findings } from './findings.ts'

export type MessageContext = {
  readonly file: CompoundFile
  readonly findings: Findings
  readonly signal: AbortSignal
  /** How many named properties the file has. */
  readonly nameCount: number
  readonly counts: { messages: number; recipients: number; attachments: number }
}

const headerBytes = { message: 32, embedded: 24, other: 8 }
const deepest = 64
const storeSupportMask = 0x340d
const unicodeBit = 0x00040000

/** What each message written by Outlook has, computed access rights left out. */
const ofMessage: readonly (readonly [id: number, type: number])[] = [
  [0x001a, 0x001f],
  [0x0017, 0x0003],
  [0x0037, 0x001f],
  [0x003d, 0x001f],
  [0x0070, 0x001f],
  [0x0e1d, 0x001f],
  [0x0e02, 0x001f],
  [0x0e03, 0x001f],
  [0x0e04, 0x001f],
  [0x0e06, 0x0040],
  [0x0e07, 0x0003],
  [0x3007, 0x0040],
  [0x3008, 0x0040],
  [0x300b, 0x0102],
  [0x340d, 0x0003],
  [0x3ff1, 0x0003],
]
const ofRecipient: typeof ofMessage = [
  [0x3000, 0x0003],
  [0x0c15, 0x0003],
  [0x0ff6, 0x0102],
  [0x0ffe, 0x0003],
  [0x0fff, 0x0102],
  [0x3001, 0x001f],
  [0x3002, 0x001f],
  [0x3003, 0x001f],
]
const ofAttachment: typeof ofMessage = [
  [0x0e21, 0x0003],
  [0x3705, 0x0003],
  [0x370b, 0x0003],
  [0x0ff9, 0x0102],
  [0x0ffe, 0x0003],
  [0x340d, 0x0003],
]

const nameOf = ({ path }: DirectoryEntry): string => (path === '' ? 'message' : path)

const requireProperties = (
  { findings: { fault } }: MessageContext,
  { byId }: Properties,
  place: string,
  wanted: typeof ofMessage,
): void => {
  for (const [id, type] of wanted) {
    const property = byId.get(id)
    if (property === undefined) fault('C9', place, `it lacks property ${hex(id, 4)}`)
    else if (property.type !== type)
      fault('C9', place, `property ${hex(id, 4)} has the type ${hex(property.type, 4)}, not ${hex(type, 4)}`)
  }
  const mask = byId.get(storeSupportMask)
  if (mask !== undefined && (u32(mask.value, 0) & unicodeBit) === 0)
    fault('C9', place, 'its property 0x340D does not say that strings are Unicode')
}

/** C8: every named property has a name. */
const checkIds = ({ findings: { fault }, nameCount }: MessageContext, { byId }: Properties, place: string): void => {
  for (const id of byId.keys()) if (id >= 0x8000 + nameCount) fault('C8', place, `property ${hex(id, 4)} has no name`)
}

const expectNumber = (
  { findings: { fault } }: MessageContext,
  properties: Properties,
  place: string,
  id: number,
  wanted: number,
): void => {
  const found = numberAt(properties, id)
  if (found !== null && found !== wanted)
    fault('C7', place, `its property ${hex(id, 4)} is ${found}, and must be ${wanted}`)
}

/** C7: storages of one kind, numbered from 0 without a gap. */
const numbered = (
  { findings: { fault } }: MessageContext,
  message: DirectoryEntry,
  prefix: string,
): readonly DirectoryEntry[] => {
  const found = message.children.filter(({ name, kind }) => kind === 'storage' && name.startsWith(prefix))
  const byName = new Map(found.map((entry) => [entry.name, entry]))
  const inOrder: DirectoryEntry[] = []
  for (let number = 0; number < found.length; number++) {
    const name = `${prefix}${number.toString(16).toUpperCase().padStart(8, '0')}`
    const entry = byName.get(name)
    if (entry === undefined)
      fault('C7', nameOf(message), `it has ${found.length} storages ${prefix}…, and none is called ${name}`)
    else inOrder.push(entry)
  }
  return inOrder
}

const checkHeader = (
  { findings: { fault } }: MessageContext,
  { header }: Properties,
  place: string,
  recipients: number,
  attachments: number,
): void => {
  if (!isAll(header.subarray(0, 8), 0) || !isAll(header.subarray(24), 0))
    fault('C7', place, 'the reserved bytes before its properties are not zero')
  const fields = [
    [8, 'next recipient', recipients],
    [12, 'next attachment', attachments],
    [16, 'number of recipients', recipients],
    [20, 'number of attachments', attachments],
  ] as const
  for (const [at, name, wanted] of fields)
    if (u32(header, at) !== wanted) fault('C7', place, `its ${name} is said to be ${u32(header, at)}, and is ${wanted}`)
}

const checkRecipient = async (context: MessageContext, storage: DirectoryEntry, number: number): Promise<void> => {
  const { file, findings, counts } = context
  counts.recipients++
  const properties = await readProperties(file, storage, headerBytes.other, findings)
  if (properties === null) return
  const place = nameOf(storage)
  if (!isAll(properties.header, 0)) findings.fault('C7', place, 'the reserved bytes before its properties are not zero')
  requireProperties(context, properties, place, ofRecipient)
  checkIds(context, properties, place)
  expectNumber(context, properties, place, 0x3000, number)
  const kind = numberAt(properties, 0x0c15)
  if (kind !== null && (kind & 0x0fffffff) > 3)
    findings.fault('C9', place, `it is a recipient of the unknown kind ${kind}`)
  checkChildren(context, storage, [])
}

/** Whatever else lies in a storage belongs to nothing. */
const checkChildren = (
  { findings: { fault } }: MessageContext,
  storage: DirectoryEntry,
  known: readonly DirectoryEntry[],
): void => {
  for (const child of storage.children) {
    if (known.includes(child) || child.name.startsWith('__substg1.0_') || child.name === '__properties_version1.0')
      continue
    if (storage.path === '' && child.name === namesStorage) continue
    if (child.name === namesStorage) fault('C10', child.path, 'only the outermost message has a map of names')
    else fault('C6', child.path, 'it is no part of a message')
  }
}

/** Answers whether the attachment is one that a reader shows. */
const checkAttachment = async (
  context: MessageContext,
  storage: DirectoryEntry,
  number: number,
  depth: number,
): Promise<boolean> => {
  const { file, findings, counts } = context
  const { fault } = findings
  counts.attachments++
  const place = nameOf(storage)
  const properties = await readProperties(file, storage, headerBytes.other, findings)
  if (properties === null) return true
  if (!isAll(properties.header, 0)) fault('C7', place, 'the reserved bytes before its properties are not zero')
  requireProperties(context, properties, place, ofAttachment)
  checkIds(context, properties, place)
  expectNumber(context, properties, place, 0x0e21, number)
  const method = numberAt(properties, 0x3705)
  const data = properties.byId.get(0x3701)
  if (method === 1 && data?.type !== types.binary) fault('C9', place, 'it is said to have bytes, and has none')
  if (method === 5) {
    if (data?.type !== types.object || data.entry === null)
      fault('C9', place, 'it is said to be a message, and holds none')
    else {
      if (u32(data.value, 4) !== 1) fault('C10', place, 'its object is not said to be a message')
      await checkMessage(context, data.entry, depth + 1)
    }
  }
  checkChildren(context, storage, [])
  return numberAt(properties, 0x7ffe) !== 1
}

const checkContent = async (
  { file, findings }: MessageContext,
  properties: Properties,
  place: string,
  hasVisible: boolean,
): Promise<void> => {
  const { fault } = findings
  const flags = numberAt(properties, 0x0e07)
  const hasAttachments = numberAt(properties, 0x0e1b)
  if (flags !== null && ((flags & 0x10) !== 0) !== hasVisible)
    fault(
      'C9',
      place,
      `its flags say it has ${hasVisible ? 'no attachments, and it has' : 'attachments that are to be seen, and it has none'}`,
    )
  if (hasAttachments !== null && (hasAttachments === 1) !== hasVisible)
    fault('C9', place, 'its property 0x0E1B does not say whether it has attachments that are to be seen')
  const html = properties.byId.get(0x1013)
  if (html !== undefined && html.type !== types.binary) fault('C9', place, 'its HTML is not binary')
  if (html !== undefined && numberAt(properties, 0x3fde) === null) fault('C9', place, 'its HTML has no code page')
  const subject = properties.byId.get(0x0037)?.entry
  if (subject == null || subject.sizeBytes > 65_536) return
  const bytes = await file.read(subject)
  if (bytes.length >= 2 && u16(bytes, 0) === 1)
    fault('C9', place, 'its subject begins with the two characters that only a PST has')
  const textAt = async (id: number): Promise<string | null> => {
    const entry = properties.byId.get(id)?.entry
    return entry?.kind === 'stream' && entry.sizeBytes <= 65_536 ? textOf(await file.read(entry)) : null
  }
  const [prefix, rest] = [await textAt(0x003d), await textAt(0x0e1d)]
  if (prefix !== null && rest !== null && prefix + rest !== textOf(bytes))
    fault('C9', place, 'its subject is not its prefix and its subject without prefix')
}

/** C6, C7, C9 and C10: one message and what it holds. */
export const checkMessage = async (context: MessageContext, storage: DirectoryEntry, depth = 0): Promise<void> => {
  const { file, findings, signal, counts } = context
  signal.throwIfAborted()
  const place = nameOf(storage)
  if (depth > deepest) {
    findings.fault('C10', place, `messages lie more than ${deepest} deep in each other`)
    return
  }
  counts.messages++
  const properties = await readProperties(
    file,
    storage,
    depth === 0 ? headerBytes.message : headerBytes.embedded,
    findings,
  )
  const recipients = numbered(context, storage, '__recip_version1.0_#')
  const attachments = numbered(context, storage, '__attach_version1.0_#')
  for (const [number, recipient] of recipients.entries()) await checkRecipient(context, recipient, number)
  let hasVisible = false
  for (const [number, attachment] of attachments.entries())
    if (await checkAttachment(context, attachment, number, depth)) hasVisible = true
  checkChildren(context, storage, [...recipients, ...attachments])
  if (properties === null) return
  requireProperties(context, properties, place, ofMessage)
  checkIds(context, properties, place)
  checkHeader(context, properties, place, recipients.length, attachments.length)
  await checkContent(context, properties, place, hasVisible)
}
