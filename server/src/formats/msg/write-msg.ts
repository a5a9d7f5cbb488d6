import { Buffer } from 'node:buffer'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { MapiAttachment, MapiMessage } from '../mapi/message.ts'
import { PidTagAttachSize } from '../mapi/properties-attachment.ts'
import { type PropertyBag, type PropertyEntry, propertyTypes } from '../mapi/property.ts'
import type { WritableFile } from '../mapi/writable-file.ts'
import { type CompoundFile, createCompoundFile, type Storage } from './cfb/compound-file.ts'
import { guidBytes } from './guid.ts'
import { createNamedProperties, type NamedProperties } from './named-properties.ts'
import {
  attachmentComputed,
  attachmentDefaults,
  messageComputed,
  messageDefaults,
  recipientComputed,
  recipientDefaults,
} from './required-properties.ts'
import { objectType, type StoredProperty, storedProperty } from './stored-property.ts'

/** Sizes are 32 bits with a sign to some readers. */
export const maxMsgBytes = 2 ** 31 - 1
const messageClassId = guidBytes('00020d0b-0000-0000-c000-000000000046')
/** PROPATTR_READABLE and PROPATTR_WRITABLE ([MS-OXMSG] §2.4.2.1). */
const readableAndWritable = 6
/** Says of an object that it is a message ([MS-OXMSG] §2.4.2.2). */
const embeddedMessage = 1
/** PidTagAttachDataBinary and PidTagAttachDataObject, by their types. */
const contentId = 0x3701
const attachSizeId = 0x0e20
const entryBytes = 16
/** Of the property stream: the message of the file, a message in an attachment, all else ([MS-OXMSG] §2.4.1). */
const headerBytes = { file: 32, embedded: 24, other: 8 } as const
const propertyStreamName = '__properties_version1.0'

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')
const streamName = (id: number, type: number): string => `__substg1.0_${hex(id * 0x10000 + type)}`

export type MsgTarget = {
  readonly file: WritableFile
  readonly signal: AbortSignal
  /** Of the finished file; the format itself holds `maxMsgBytes`. */
  readonly limitBytes?: number
  /** What is thrown when that does not do. */
  readonly tooLarge?: () => Error
  /** What is collected before it is written, a multiple of 512. */
  readonly bufferBytes?: number
}

type Work = { readonly msg: CompoundFile; readonly names: NamedProperties; readonly signal: AbortSignal }

const tooLargeForMsg = (): AppError =>
  new AppError('export_too_large', { details: { format: 'MSG', reason: 'such a file holds less than 2 GB' } })

/** The later of two values of one id counts, so that no stream is there twice. A list without values is no property. */
const storedProperties = ({ names }: Work, bags: readonly PropertyBag[]): Map<number, StoredProperty> => {
  const entries = new Map<number, PropertyEntry>()
  for (const bag of bags) for (const entry of bag.entries()) entries.set(names.idOf(entry.property.key), entry)
  const stored = new Map<number, StoredProperty>()
  for (const [id, { property, value }] of entries)
    if (!Array.isArray(value) || value.length > 0) stored.set(id, storedProperty(property, value))
  return stored
}

/** Writes the streams of an object and the list of its properties, by rising id. Answers what they count in PidTagAttachSize. */
const writeProperties = async (
  { msg }: Work,
  into: Storage,
  header: Uint8Array,
  stored: ReadonlyMap<number, StoredProperty>,
): Promise<number> => {
  const list = Buffer.alloc(header.length + stored.size * entryBytes)
  list.set(header)
  let at = header.length
  let sizeBytes = 0
  for (const [id, { type, low, high, streams, sizeBytes: ownBytes }] of [...stored].sort(([a], [b]) => a - b)) {
    list.writeUInt16LE(type, at)
    list.writeUInt16LE(id, at + 2)
    list.writeUInt32LE(readableAndWritable, at + 4)
    list.writeUInt32LE(low, at + 8)
    list.writeUInt32LE(high, at + 12)
    at += entryBytes
    sizeBytes += ownBytes
    const name = streamName(id, type)
    for (const [index, bytes] of streams.entries())
      await msg.stream(into, index === 0 ? name : `${name}-${hex(index - 1)}`, bytes)
  }
  await msg.stream(into, propertyStreamName, list)
  return sizeBytes
}

const writeRecipient = async (work: Work, into: Storage, recipient: PropertyBag, index: number): Promise<number> => {
  const storage = work.msg.storage(into, `__recip_version1.0_#${hex(index)}`)
  const stored = storedProperties(work, [recipientDefaults(), recipient, recipientComputed(index)])
  return writeProperties(work, storage, Buffer.alloc(headerBytes.other), stored)
}

/** Writes the content and answers its property, which has no stream that would still have to be written. */
const writeContent = async (work: Work, into: Storage, { content }: MapiAttachment): Promise<StoredProperty> => {
  if (content.kind === 'bytes') {
    const type = propertyTypes.binary
    const chunks = content.open(work.signal)
    const sizeBytes = await work.msg.streamFrom(into, streamName(contentId, type), chunks)
    return { type, low: sizeBytes, high: 0, streams: [], sizeBytes }
  }
  const inner = work.msg.storage(into, streamName(contentId, objectType))
  const sizeBytes = await writeMessage(work, inner, content.message, headerBytes.embedded)
  return { type: objectType, low: 0xffffffff, high: embeddedMessage, streams: [], sizeBytes }
}

const writeAttachment = async (
  work: Work,
  into: Storage,
  attachment: MapiAttachment,
  index: number,
): Promise<number> => {
  const storage = work.msg.storage(into, `__attach_version1.0_#${hex(index)}`)
  const stored = storedProperties(work, [
    attachmentDefaults(attachment),
    attachment.properties,
    attachmentComputed(attachment, index),
  ])
  stored.set(contentId, await writeContent(work, storage, attachment))
  let sizeBytes = 4
  for (const [id, property] of stored) if (id !== attachSizeId) sizeBytes += property.sizeBytes
  stored.set(attachSizeId, storedProperty(PidTagAttachSize, sizeBytes))
  return writeProperties(work, storage, Buffer.alloc(headerBytes.other), stored)
}

const writeMessage = async (
  work: Work,
  into: Storage,
  message: MapiMessage,
  ownHeaderBytes: number,
): Promise<number> => {
  const { recipients, attachments } = message
  const header = Buffer.alloc(ownHeaderBytes)
  for (const [index, count] of [recipients.length, attachments.length].entries()) {
    header.writeUInt32LE(count, 8 + index * 4)
    header.writeUInt32LE(count, 16 + index * 4)
  }
  const stored = storedProperties(work, [messageDefaults(message), message.properties, messageComputed(message)])
  let sizeBytes = await writeProperties(work, into, header, stored)
  for (const [index, recipient] of recipients.entries()) sizeBytes += await writeRecipient(work, into, recipient, index)
  for (const [index, attachment] of attachments.entries()) {
    work.signal.throwIfAborted()
    sizeBytes += await writeAttachment(work, into, attachment, index)
  }
  return sizeBytes
}

/**
 * Writes a message as an MSG file ([MS-OXMSG]) from front to back; the content of attachments passes through. The same message gives the
 * same bytes. After a failure the file is nothing, and it is the caller's to remove.
 * @throws AppError export_too_large as soon as it is known that the file would not stay below 2 GB.
 */
export const writeMsg = async (message: MapiMessage, target: MsgTarget): Promise<{ readonly sizeBytes: number }> => {
  const { file, signal, limitBytes = maxMsgBytes, tooLarge = tooLargeForMsg, bufferBytes = 256 * 1024 } = target
  signal.throwIfAborted()
  const msg = createCompoundFile({ file, rootClass: messageClassId, limitBytes, tooLarge, signal, bufferBytes })
  const work: Work = { msg, names: createNamedProperties(), signal }
  await writeMessage(work, msg.root, message, headerBytes.file)
  const map = msg.storage(msg.root, '__nameid_version1.0')
  for (const [id, bytes] of work.names.streams()) await msg.stream(map, streamName(id, propertyTypes.binary), bytes)
  return msg.finish()
}
