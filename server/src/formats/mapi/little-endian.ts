export type LittleEndianWriter = {
  u8(value: number): LittleEndianWriter
  u16(value: number): LittleEndianWriter
  u32(value: number): LittleEndianWriter
  i32(value: number): LittleEndianWriter
  bytes(value: Uint8Array): LittleEndianWriter
  /** UTF-16LE without an end mark. */
  utf16(value: string): LittleEndianWriter
  finish(): Uint8Array
}

/** Puts small structures of fixed fields together; all of it is held in memory. */
export const createLittleEndianWriter = (): LittleEndianWriter => {
  const parts: Uint8Array[] = []
  const field = (size: number, fill: (view: DataView) => void): LittleEndianWriter => {
    const bytes = new Uint8Array(size)
    fill(new DataView(bytes.buffer))
    parts.push(bytes)
    return writer
  }
  const writer: LittleEndianWriter = {
    u8: (value) => field(1, (view) => view.setUint8(0, value)),
    u16: (value) => field(2, (view) => view.setUint16(0, value, true)),
    u32: (value) => field(4, (view) => view.setUint32(0, value, true)),
    i32: (value) => field(4, (view) => view.setInt32(0, value, true)),
    bytes: (value) => {
      parts.push(value)
      return writer
    },
    utf16: (value) => writer.bytes(Buffer.from(value, 'utf16le')),
    finish: () => new Uint8Array(Buffer.concat(parts)),
  }
  return writer
}
