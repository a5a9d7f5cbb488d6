/** A person as MAPI addresses somebody who is in no address book. */
export type MailAddress = { readonly name: string; readonly address: string }

/** MAPIUID of one-off entry ids ([MS-OXCDATA] §2.2.5.1). */
const oneOffProvider = Buffer.from('812b1fa4bea310199d6e00dd010f5402', 'hex')
/** Version 0, then the flags 0x9001: MIME format, no rich text, Unicode. */
const versionAndFlags = Buffer.from('00000190', 'hex')

const terminated = (text: string): Buffer => Buffer.from(`${text.replaceAll('\0', '')}\0`, 'utf16le')

/** [MS-OXCDATA] §2.2.5.1 */
export const oneOffEntryId = ({ name, address }: MailAddress): Uint8Array =>
  Buffer.concat([
    Buffer.alloc(4),
    oneOffProvider,
    versionAndFlags,
    terminated(name),
    terminated('SMTP'),
    terminated(address),
  ])

/** What two addresses are compared by: `SMTP:`, the address in upper case, NUL ([MS-OXOMSG] §2.2.1.52). */
export const addressSearchKey = (address: string): Uint8Array =>
  Buffer.from(`SMTP:${address.toUpperCase().replaceAll('\0', '')}\0`, 'utf8')

/** FLATENTRYLIST ([MS-OXCDATA] §2.3.3): count, size, then each entry with its size, padded to four bytes. */
export const flatEntryList = (entries: readonly Uint8Array[]): Uint8Array => {
  const padded = entries.map((entry) => {
    const framed = Buffer.alloc(4 + Math.ceil(entry.length / 4) * 4)
    framed.writeUInt32LE(entry.length, 0)
    framed.set(entry, 4)
    return framed
  })
  const list = Buffer.concat(padded)
  const head = Buffer.alloc(8)
  head.writeUInt32LE(entries.length, 0)
  head.writeUInt32LE(list.length, 4)
  return Buffer.concat([head, list])
}
