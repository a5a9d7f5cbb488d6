import { Buffer } from 'node:buffer'
import { crc32, deflateRawSync } from 'node:zlib'

export type ForeignZipFile = {
  readonly name: string | Buffer
  readonly bytes: Buffer
  readonly method?: number
  /** General purpose flags (APPNOTE 4.4.4); bit 3 writes the sizes behind the data. */
  readonly flags?: number
  /** Upper half of the external attributes, as UNIX has them. */
  readonly unixMode?: number
  readonly centralExtra?: Buffer
  readonly localExtra?: Buffer
  /** DOS date and time. */
  readonly dosTime?: number
  /** What the headers say instead of the truth. */
  readonly sizeBytes?: number
  readonly crc32?: number
  readonly headerOffset?: number
}

/** A ZIP file as programs other than ours write it: with data descriptors, comments, and whatever a test wants to be wrong. */
export const foreignZip = (files: readonly ForeignZipFile[], comment = ''): Buffer => {
  const parts: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const { bytes, method = 8, flags = 0, unixMode = 0o100644, dosTime = 0x5c75_5280 } = file
    const name = typeof file.name === 'string' ? Buffer.from(file.name, 'utf8') : file.name
    const data = method === 8 ? deflateRawSync(bytes) : bytes
    const sum = file.crc32 ?? crc32(bytes)
    const sizeBytes = file.sizeBytes ?? bytes.length
    const isBehind = (flags & 8) !== 0
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x0403_4b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(method, 8)
    local.writeUInt32LE(dosTime, 10)
    if (!isBehind) {
      local.writeUInt32LE(sum, 14)
      local.writeUInt32LE(data.length, 18)
      local.writeUInt32LE(sizeBytes, 22)
    }
    local.writeUInt16LE(name.length, 26)
    local.writeUInt16LE(file.localExtra?.length ?? 0, 28)
    const record = Buffer.alloc(46)
    record.writeUInt32LE(0x0201_4b50, 0)
    record.writeUInt16LE((3 << 8) | 20, 4)
    record.writeUInt16LE(20, 6)
    record.writeUInt16LE(flags, 8)
    record.writeUInt16LE(method, 10)
    record.writeUInt32LE(dosTime, 12)
    record.writeUInt32LE(sum, 16)
    record.writeUInt32LE(data.length, 20)
    record.writeUInt32LE(sizeBytes, 24)
    record.writeUInt16LE(name.length, 28)
    record.writeUInt16LE(file.centralExtra?.length ?? 0, 30)
    record.writeUInt32LE(unixMode * 0x1_0000, 38)
    record.writeUInt32LE(file.headerOffset ?? offset, 42)
    central.push(record, name, file.centralExtra ?? Buffer.alloc(0))
    const whole = [local, name, file.localExtra ?? Buffer.alloc(0), data]
    if (isBehind) {
      const descriptor = Buffer.alloc(16)
      descriptor.writeUInt32LE(0x0807_4b50, 0)
      descriptor.writeUInt32LE(sum, 4)
      descriptor.writeUInt32LE(data.length, 8)
      descriptor.writeUInt32LE(sizeBytes, 12)
      whole.push(descriptor)
    }
    parts.push(...whole)
    offset += whole.reduce((total, part) => total + part.length, 0)
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x0605_4b50, 0)
  end.writeUInt16LE(files.length & 0xffff, 8)
  end.writeUInt16LE(files.length & 0xffff, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, directory, end, Buffer.from(comment, 'latin1')])
}
