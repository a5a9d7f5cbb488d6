import { hex, u32 } from './bytes.ts'
import { checkRecurrence } from './check-recurrence.ts'
import { checkSubject } from './check-texts.ts'
import { type Context, openKnownTable } from './context.ts'
import { BrokenStructure } from './findings.ts'
import { readStream } from './open-stream.ts'
import { type Subnode, sizeOfTree } from './open-subnodes.ts'
import { bytesAt, numberAt, type Properties, propertyName, readProperties, textAt } from './read-properties.ts'
import { reportUnusedSubnodes, types } from './read-value.ts'
import { checkRow } from './row-rule.ts'

type Ref = { readonly dataBid: number; readonly subBid: number }

const recipientTable = 0x692
const attachmentTable = 0x671
const mostSize = 2 ** 31 - 1
const deepest = 64

const ids = {
  messageClass: 0x001a,
  subject: 0x0037,
  prefix: 0x003d,
  topic: 0x0070,
  flags: 0x0e07,
  size: 0x0e08,
  normalized: 0x0e1d,
  attachSize: 0x0e20,
  createdAt: 0x3007,
  modifiedAt: 0x3008,
  searchKey: 0x300b,
  data: 0x3701,
  method: 0x3705,
  position: 0x370b,
  isHidden: 0x7ffe,
}

/** Properties without which SCANPST complains of a message. */
const required = [
  [ids.messageClass, types.string],
  [ids.flags, types.int32],
  [ids.size, types.int32],
  [ids.createdAt, types.time],
  [ids.modifiedAt, types.time],
  [ids.searchKey, types.binary],
] as const

const checkRequired = ({ store }: Context, message: Properties): void => {
  for (const [id, type] of required) {
    const value = message.values.get(id)
    if (value === undefined) store.findings.fault('M1', message.place, `it lacks ${propertyName(id)}`)
    else if (value.type !== type)
      store.findings.fault('M1', message.place, `${propertyName(id)} has the type ${hex(value.type)}, not ${hex(type)}`)
  }
}

const checkContent = async (context: Context, message: Properties): Promise<void> => {
  const { store, recurrenceId } = context
  const { findings } = store
  const subject = await textAt(store, message, ids.subject)
  if (subject !== null)
    checkSubject(
      findings,
      {
        full: subject,
        prefix: await textAt(store, message, ids.prefix),
        normalized: await textAt(store, message, ids.normalized),
        topic: await textAt(store, message, ids.topic),
      },
      message.place,
    )
  const recurrence = recurrenceId === null ? undefined : message.values.get(recurrenceId)
  if (recurrence === undefined || recurrence.sizeBytes > 2 ** 24) return
  const place = `${message.place}, recurrence`
  checkRecurrence(
    recurrence.bytes ?? (await readStream(store, recurrence.stream!)),
    (text) => findings.fault('M11', place, text),
    (text) => findings.warn('M11', place, text),
  )
}

/** The object of an attachment: a message in it, or something else that is not looked into. */
const checkObject = async (
  context: Context,
  attachment: Properties,
  isMessage: boolean,
  depth: number,
): Promise<void> => {
  const { findings } = context.store
  const bytes = bytesAt(attachment, ids.data)!
  const place = attachment.place
  const [nid, sizeBytes] = [u32(bytes, 0), u32(bytes, 4)]
  const subnode = attachment.subnodes.get(nid)
  if (subnode === undefined) throw new BrokenStructure('L2', place, `there is no subnode ${hex(nid)} for its object`)
  if (subnode.isUsed) findings.fault('L2', place, `subnode ${hex(nid)} is used twice`)
  subnode.isUsed = true
  if (!isMessage) return
  if ((nid & 31) !== 4) findings.fault('M6', place, `subnode ${hex(nid)} is not of the type for messages`)
  const inner = await checkMessage(context, subnode, `${place}, message ${hex(nid)}`, depth + 1)
  if (sizeBytes !== inner.sizeBytes)
    findings.fault('M5', place, `its object is said to have ${sizeBytes} bytes, and has ${inner.sizeBytes}`)
}

/** Answers the properties of the attachment, when they can be read. */
const checkAttachment = async (
  context: Context,
  subnode: Subnode,
  place: string,
  depth: number,
): Promise<Properties> => {
  const { store, noteProperty } = context
  const { fault, during } = store.findings
  const attachment = await readProperties(store, subnode, place)
  let sizeBytes = 0
  for (const [id, value] of attachment.values) {
    noteProperty(id, place)
    sizeBytes += value.type === types.object && value.bytes ? u32(value.bytes, 4) : value.sizeBytes
  }
  const said = numberAt(attachment, ids.attachSize)
  if (said !== Math.min(sizeBytes, mostSize)) fault('M5', place, `its size is said to be ${said}, and is ${sizeBytes}`)
  if (numberAt(attachment, ids.position) === null) fault('M6', place, `it lacks ${propertyName(ids.position)}`)
  const method = numberAt(attachment, ids.method)
  const data = attachment.values.get(ids.data)
  if (method === null) fault('M6', place, `it lacks ${propertyName(ids.method)}`)
  else if (method === 1 && data !== undefined && data.type !== types.binary)
    fault('M6', place, 'its bytes are not binary')
  else if (method === 5 && data?.type !== types.object) fault('M6', place, 'it is said to be a message, and holds none')
  else if ((method === 1 || method === 6) && data === undefined) fault('M6', place, 'it has no content')
  if (data?.type === types.object && data.bytes?.length === 8)
    await during(() => checkObject(context, attachment, method === 5, depth))
  reportUnusedSubnodes(store, attachment.subnodes, place)
  return attachment
}

const checkRecipients = async (context: Context, message: Properties): Promise<void> => {
  const subnode = message.subnodes.get(recipientTable)
  if (subnode === undefined) return context.store.findings.fault('M6', message.place, 'it has no table of recipients')
  subnode.isUsed = true
  const table = await openKnownTable(context, subnode, `${message.place}, recipients`, 'recipient')
  await table.eachRow(({ cells, where }) => {
    const kind = cells.get(0x0c150003)?.bytes
    if (!kind) context.store.findings.fault('M6', where, 'it does not say what kind of recipient it is')
  })
}

const checkAttachments = async (context: Context, message: Properties, depth: number): Promise<void> => {
  const { store } = context
  const { fault, during } = store.findings
  const listed = message.subnodes.get(attachmentTable)
  const attachments = [...message.subnodes.values()].filter(({ nid }) => (nid & 31) === 5)
  const known = new Map<number, Properties>()
  let isAnyVisible = false
  for (const subnode of attachments) {
    const place = `${message.place}, attachment ${hex(subnode.nid)}`
    const attachment = await during(() => checkAttachment(context, subnode, place, depth))
    if (attachment === null) continue
    known.set(subnode.nid, attachment)
    if (numberAt(attachment, ids.isHidden) !== 1) isAnyVisible = true
  }
  const flags = numberAt(message, ids.flags)
  if (flags !== null && known.size === attachments.length && ((flags & 0x10) !== 0) !== isAnyVisible)
    fault(
      'M6',
      message.place,
      isAnyVisible
        ? 'it has attachments, and its flags say none'
        : 'its flags say it has attachments that are to be seen, and it has none',
    )
  if (listed === undefined) {
    if (attachments.length > 0) fault('M6', message.place, 'it has attachments and no table of them')
    return
  }
  listed.isUsed = true
  const table = await openKnownTable(context, listed, `${message.place}, attachments`, 'attachment')
  await table.eachRow(async (row) => {
    const subnode = message.subnodes.get(row.rowId)
    if (subnode === undefined || (row.rowId & 31) !== 5) return fault('M6', row.where, 'there is no such attachment')
    if (subnode.isUsed) fault('M6', row.where, 'the attachment is listed twice')
    subnode.isUsed = true
    const attachment = known.get(row.rowId)
    if (attachment !== undefined) await checkRow(store, table, row, attachment)
  })
  for (const subnode of attachments) {
    if (!subnode.isUsed) fault('M6', message.place, `attachment ${hex(subnode.nid)} is not in the table of attachments`)
    // Said once is enough.
    subnode.isUsed = true
  }
}

/** M1, M5, M6, M10 and M11 of one message and all messages in it. Throws when its properties cannot be read. */
export const checkMessage = async (
  context: Context,
  ref: Ref,
  place: string,
  depth = 0,
): Promise<{ readonly message: Properties; readonly sizeBytes: number }> => {
  const { store, noteProperty } = context
  const { fault, during } = store.findings
  if (depth > deepest) throw new BrokenStructure('M6', place, `messages lie more than ${deepest} deep in each other`)
  const message = await readProperties(store, ref, place)
  for (const id of message.values.keys()) noteProperty(id, place)
  checkRequired(context, message)
  const sizeBytes = Math.min(mostSize, await sizeOfTree(store, ref.dataBid, ref.subBid, place))
  const said = numberAt(message, ids.size)
  if (said !== null && said !== sizeBytes) fault('M5', place, `its size is said to be ${said}, and is ${sizeBytes}`)
  await during(() => checkRecipients(context, message))
  await during(() => checkAttachments(context, message, depth))
  await during(() => checkContent(context, message))
  reportUnusedSubnodes(store, message.subnodes, place)
  return { message, sizeBytes }
}
