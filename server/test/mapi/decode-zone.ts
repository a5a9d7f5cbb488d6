/** Reads a PidLidAppointmentTimeZoneDefinition… ([MS-OXOCAL] §2.2.1.41) for the tests. Shares nothing with what writes it. */
export const decodeZone = (bytes: Uint8Array) => {
  const buffer = Buffer.from(bytes)
  if (buffer.readUInt16LE(0) !== 0x0102 || buffer.readUInt16LE(4) !== 2) throw new Error('the header is another')
  const nameEnd = 8 + 2 * buffer.readUInt16LE(6)
  if (buffer.readUInt16LE(2) !== nameEnd + 2 - 4) throw new Error('the length of the header is wrong')
  const count = buffer.readUInt16LE(nameEnd)
  if (buffer.length !== nameEnd + 2 + count * 66) throw new Error('the rules end elsewhere')
  return {
    keyName: buffer.toString('utf16le', 8, nameEnd),
    rules: Array.from({ length: count }, (_, no) => {
      const rule = buffer.subarray(nameEnd + 2 + no * 66, nameEnd + 2 + (no + 1) * 66)
      if (rule.readUInt16LE(0) !== 0x0102 || rule.readUInt16LE(2) !== 0x3e)
        throw new Error('the head of a rule is another')
      if (rule.subarray(8, 22).some((byte) => byte !== 0)) throw new Error('what is reserved is not zero')
      const dateAt = (at: number) => [2, 4, 6, 8].map((field) => rule.readUInt16LE(at + field))
      return {
        flags: rule.readUInt16LE(4),
        year: rule.readUInt16LE(6),
        biases: [rule.readInt32LE(22), rule.readInt32LE(26), rule.readInt32LE(30)],
        standard: dateAt(34),
        daylight: dateAt(50),
      }
    }),
  }
}
