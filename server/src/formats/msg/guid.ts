import { Buffer } from 'node:buffer'

/** A GUID from its text to the bytes in which it is stored: the first three fields little-endian ([MS-DTYP] §2.3.4.2). */
export const guidBytes = (text: string): Buffer => {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex')
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes
}
