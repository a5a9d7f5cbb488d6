import { createLittleEndianWriter } from './little-endian.ts'

const classId = Buffer.from('040000008200e00074c5b7101a82e008', 'hex')
const maxUidBytes = 4096

export type InstanceDate = { readonly year: number; readonly month: number; readonly day: number }

const withDate = (id: Uint8Array, date: InstanceDate | null): Uint8Array => {
  const copy = id.slice()
  // Big-endian, unlike everything around it.
  copy.set(date === null ? [0, 0, 0, 0] : [date.year >> 8, date.year & 255, date.month, date.day], classId.length)
  return copy
}

/** The bytes of a UID that is itself a global object id in hexadecimal, as Outlook and Exchange write it. */
const asGlobalObjectId = (uid: string): Uint8Array | null => {
  if (!/^040000008200e00074c5b7101a82e008(?:[0-9a-f]{2}){24,4096}$/i.test(uid)) return null
  const bytes = Buffer.from(uid, 'hex')
  return bytes.readUInt32LE(36) === bytes.length - 40 ? new Uint8Array(bytes) : null
}

/**
 * PidLidGlobalObjectId ([MS-OXOCAL] §2.2.1.27) of an object with this UID, of one instance of a series where `date` names it; with null it is
 * PidLidCleanGlobalObjectId as well. A UID of another maker goes in as it is ([MS-OXCICAL] §2.1.3.1.1.20.26), cut at 4 kB.
 */
export const encodeGlobalObjectId = (uid: string, date: InstanceDate | null): Uint8Array => {
  const known = asGlobalObjectId(uid)
  if (known !== null) return withDate(known, date)
  const text = Buffer.from(uid, 'utf8').subarray(0, maxUidBytes)
  const data = createLittleEndianWriter().bytes(Buffer.from('vCal-Uid')).u32(1).bytes(text).u8(0).finish()
  const id = createLittleEndianWriter().bytes(classId).bytes(new Uint8Array(20)).u32(data.length).bytes(data).finish()
  return withDate(id, date)
}
