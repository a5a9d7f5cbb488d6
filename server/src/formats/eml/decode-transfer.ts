const hexValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** RFC 2045 §6.7; an `=` that introduces nothing stands for itself. */
export const decodeQuotedPrintable = (bytes: Buffer): Buffer => {
  const out = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at]!
    if (code !== 61) {
      out[length++] = code
      continue
    }
    const high = at + 2 < bytes.length ? hexValue(bytes[at + 1]!) : -1
    const low = high < 0 ? -1 : hexValue(bytes[at + 2]!)
    if (low >= 0) {
      out[length++] = high * 16 + low
      at += 2
      continue
    }
    // A soft line break, perhaps with blanks that a transport put before its end.
    let next = at + 1
    while (next < bytes.length && next < at + 80 && (bytes[next] === 32 || bytes[next] === 9)) next++
    if (bytes[next] === 13 && bytes[next + 1] === 10) at = next + 1
    else if (bytes[next] === 10 || next === bytes.length) at = next
    else out[length++] = code
  }
  return out.subarray(0, length)
}

/** Undoes a Content-Transfer-Encoding (RFC 2045 §6); null when it is none that carries text. */
export const decodeTransfer = (bytes: Buffer, encoding: string): Buffer | null => {
  switch (encoding) {
    case 'base64':
      return Buffer.from(bytes.toString('latin1'), 'base64')
    case 'quoted-printable':
      return decodeQuotedPrintable(bytes)
    case 'x-uuencode':
    case 'x-uue':
    case 'uuencode':
      return null
    default:
      return bytes
  }
}
