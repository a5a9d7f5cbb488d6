/** One value of DER (ITU-T X.690 §8, §10): definite lengths and short tags only, which is all X.509 uses. */
export type Der = {
  /** The whole identifier octet: class, constructed bit, number. */
  readonly tag: number
  readonly content: Buffer
  /** With its tag and length, as it stands in the input. */
  readonly raw: Buffer
}

export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const

/** Bytes that are not what they should be. */
export class DerError extends Error {}

const readAt = (bytes: Buffer, start: number): Der => {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw new DerError('it ends too early')
  if ((tag & 0x1f) === 0x1f) throw new DerError('it has a tag X.509 does not use')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4) throw new DerError('it has a length DER does not allow')
  const contentStart = start + 2 + lengthBytes
  if (contentStart > bytes.length) throw new DerError('it ends too early')
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes)
  const end = contentStart + length
  if (end > bytes.length) throw new DerError('it ends too early')
  return { tag, content: bytes.subarray(contentStart, end), raw: bytes.subarray(start, end) }
}

/** The one value the bytes are. @throws DerError */
export const readDer = (bytes: Buffer): Der => {
  const value = readAt(bytes, 0)
  if (value.raw.length !== bytes.length) throw new DerError('something follows its end')
  return value
}

/** The values in a constructed one, one by one, so that a list of a million does not stand in memory. @throws DerError */
export function* derParts({ content }: Der): Generator<Der> {
  for (let at = 0; at < content.length; ) {
    const part = readAt(content, at)
    yield part
    at += part.raw.length
  }
}

/** The value, if it has this tag. @throws DerError */
export const expectDer = (value: Der | undefined, tag: number): Der => {
  if (value?.tag !== tag) throw new DerError('a part of it is not what belongs there')
  return value
}

/** An object identifier in dots. @throws DerError */
export const derObjectId = (value: Der | undefined): string => {
  const { content } = expectDer(value, derTag.objectId)
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)))
      else arcs.push(arc)
      arc = 0
    }
  }
  return arcs.join('.')
}

/** UTCTime or GeneralizedTime in the one form RFC 5280 §4.1.2.5 allows, in ms since 1970. @throws DerError */
export const derTimeMs = (value: Der | undefined): number => {
  const text = value?.content.toString('latin1') ?? ''
  const form = value?.tag === derTag.utcTime ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/ : null
  const match = (form ?? /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/).exec(text)
  if (!match || (value?.tag !== derTag.utcTime && value?.tag !== derTag.generalizedTime))
    throw new DerError('a time in it is none')
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  // RFC 5280 §4.1.2.5.1: two digits from 50 on are of the last century.
  const fullYear = form === null ? year : year < 50 ? 2000 + year : 1900 + year
  return Date.UTC(fullYear, month - 1, day, hour, minute, second)
}

/** A serial number as upper-case hexadecimal without leading zeros, so that two writings of one compare equal. @throws DerError */
export const derSerial = (value: Der | undefined): string =>
  expectDer(value, derTag.integer)
    .content.toString('hex')
    .replace(/^0+(?=.)/, '')
    .toUpperCase()
