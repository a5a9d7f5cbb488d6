import { Buffer } from 'node:buffer'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { MapiAttachment, MapiMessage } from '../../mapi/message.ts'
import { maxItemBytes } from '../ltp/heap.ts'
import { createPropertyContext, type PropertyContext, type StoredObject } from '../ltp/property-context.ts'
import { type StoredValue, type StoredValues, valueBytes } from '../ltp/stored-value.ts'
import { createTableContext } from '../ltp/table-context.ts'
import { createDataStream } from '../ndb/data-tree.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { nodeId, nodeTypes } from '../ndb/node-ids.ts'
import type { Subnode } from '../ndb/subnode-tree.ts'
import { messageValues, type ValueContext, valuesOf } from './message-values.ts'
import { ids } from './property-ids.ts'
import { tableLayouts } from './table-columns.ts'
import { writeRecipients } from './write-recipients.ts'

const attachmentTableNid = 0x671
const firstAttachmentIndex = 0x401
/** Sizes are signed 32-bit numbers in MAPI. */
const maxSizeBytes = 0x7fff_ffff
/** How much of a stream is taken at a time, so that the file can be written meanwhile. */
const pieceBytes = 256 * 1024
const hasAttachments = 0x10
const byValue = 1
const embeddedMessage = 5
const shortOfAttachment: ReadonlySet<number> = new Set([ids.displayName, ids.attachFilename, ids.attachLongFilename])

export type MessageContext = ValueContext & {
  readonly database: NodeDatabase
  readonly signal: AbortSignal
  /** Called while a message grows; throws to stop it. */
  readonly checkRoom: () => void
}

export type StoredMessage = StoredObject & {
  readonly values: StoredValues
  readonly conversationId: Uint8Array
}

/**
 * Writes a message with all below it ([MS-PST] §2.4.5): as a node's data and subnodes, yet without the node.
 * @throws AppError too_large if it, or an attachment of it, is 2 GB or more; whatever the content of an attachment throws
 */
export const writeMessage = async (message: MapiMessage, context: MessageContext): Promise<StoredMessage> => {
  const { database } = context
  const { values, conversationId } = messageValues(message, context)
  const subnodes: Subnode[] = [writeRecipients(database, message.recipients, context)]
  let isAnyVisible = false
  if (message.attachments.length > 0) {
    const table = createTableContext(database, tableLayouts.attachment)
    for (const [index, attachment] of message.attachments.entries()) {
      const nid = nodeId(firstAttachmentIndex + index, nodeTypes.attachment)
      const stored = await writeAttachment(attachment, context)
      subnodes.push({ nid, ...stored.object })
      table.addRow(nid, stored.values)
      const hidden = stored.values.get(ids.attachmentHidden)
      if (!(hidden?.type === 'boolean' && hidden.value)) isAnyVisible = true
    }
    subnodes.push({ nid: attachmentTableNid, ...table.finish() })
  }
  const flags = values.get(ids.messageFlags)
  if (flags?.type === 'int32') {
    const value = isAnyVisible ? flags.value | hasAttachments : flags.value & ~hasAttachments
    values.set(ids.messageFlags, { type: 'int32', value })
  }
  const properties = createPropertyContext(database)
  const object = properties.finish(values, subnodes, { id: ids.messageSize, valueOf: checkedSize })
  values.set(ids.messageSize, { type: 'int32', value: object.sizeBytes })
  if (database.hasPending) {
    context.checkRoom()
    await database.flush()
  }
  return { ...object, values, conversationId }
}

const checkedSize = (sizeBytes: number): number => {
  if (sizeBytes > maxSizeBytes) throw new AppError('too_large', { details: { limit: '2 GB' } })
  return sizeBytes
}

const writeAttachment = async (
  { properties: bag, content }: MapiAttachment,
  context: MessageContext,
): Promise<{ readonly object: StoredObject; readonly values: StoredValues }> => {
  const { database } = context
  const properties = createPropertyContext(database)
  const values = valuesOf(bag, shortOfAttachment, context)
  const addIfAbsent = (id: number, stored: StoredValue): void => {
    if (!values.has(id)) values.set(id, stored)
  }
  const shortName = values.get(ids.attachFilename)
  if (shortName?.type === 'string' && shortName.value === '') values.delete(ids.attachFilename)
  const subnodes: Subnode[] = []
  if (content.kind === 'message') {
    const nid = database.ids.next(nodeTypes.message)
    const { values: inner, conversationId, ...object } = await writeMessage(content.message, context)
    subnodes.push({ nid, ...object })
    values.set(ids.attachData, { type: 'object', nid, sizeBytes: object.sizeBytes })
    addIfAbsent(ids.attachMethod, { type: 'int32', value: embeddedMessage })
  } else {
    values.set(ids.attachData, await writeContent(content.open(context.signal), properties, context))
    addIfAbsent(ids.attachMethod, { type: 'int32', value: byValue })
  }
  addIfAbsent(ids.renderingPosition, { type: 'int32', value: -1 })
  values.set(ids.attachSize, { type: 'int32', value: 0 })
  const total = [...values.values()].reduce((sum, stored) => sum + valueBytes(stored), 0)
  values.set(ids.attachSize, { type: 'int32', value: checkedSize(total) })
  return { object: properties.finish(values, subnodes), values }
}

/** Small content stays with the properties, large content becomes a stream of its own while it comes. */
const writeContent = async (
  chunks: AsyncIterable<Uint8Array>,
  properties: PropertyContext,
  { database, signal, checkRoom }: MessageContext,
): Promise<StoredValue> => {
  const stream = createDataStream(database)
  const first: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    const before = sizeBytes
    sizeBytes = checkedSize(sizeBytes + chunk.length)
    if (sizeBytes <= maxItemBytes) {
      first.push(Uint8Array.from(chunk))
      continue
    }
    if (before <= maxItemBytes) for (const held of first.splice(0)) stream.append(held)
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      stream.append(chunk.subarray(start, start + pieceBytes))
      if (database.hasPending) {
        checkRoom()
        await database.flush()
      }
    }
  }
  signal.throwIfAborted()
  if (sizeBytes <= maxItemBytes) return { type: 'binary', value: Buffer.concat(first) }
  return { type: 'stored', nid: properties.values.adopt(stream.finish().bid, sizeBytes), sizeBytes }
}
