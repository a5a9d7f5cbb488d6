import { crc32, deflateSync } from 'node:zlib'
import type { SeededRandom } from './seeded-random.ts'

export type Attachment = { readonly name: string; readonly type: string; readonly bytes: Buffer }

/** A PDF of one page with a line of text, filled up to about `sizeBytes` with a stream no page shows (ISO 32000-1 §7.5). */
export const pdf = (random: SeededRandom, name: string, title: string, sizeBytes: number): Attachment => {
  const drawn = Buffer.from(`BT /F1 18 Tf 72 760 Td (${title.replace(/[^\x20-\x7e]|[()\\]/g, '?')}) Tj ET`)
  const filling = random.bytes(Math.max(0, sizeBytes - 900))
  const stream = (bytes: Buffer) =>
    Buffer.concat([Buffer.from(`<< /Length ${bytes.length} >>\nstream\n`), bytes, Buffer.from('\nendstream')])
  const objects = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    Buffer.from(
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
    ),
    Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    stream(drawn),
    stream(filling),
  ]
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')]
  const offsets: number[] = []
  let length = parts[0]!.length
  for (const [index, object] of objects.entries()) {
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')])
    offsets.push(length)
    parts.push(whole)
    length += whole.length
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const count = objects.length + 1
  parts.push(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  )
  return { name, type: 'application/pdf', bytes: Buffer.concat(parts) }
}

/** An RGB picture of soft stripes with some grain (PNG, RFC 2083). */
export const png = (random: SeededRandom, name: string, width: number, height: number, grain = 24): Attachment => {
  const chunk = (type: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
    const frame = Buffer.alloc(body.length + 8)
    frame.writeUInt32BE(content.length, 0)
    body.copy(frame, 4)
    frame.writeUInt32BE(crc32(body), body.length + 4)
    return frame
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  const noise = random.bytes(width * height)
  const base = [random.int(40, 180), random.int(40, 180), random.int(40, 180)] as const
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0, at = 0; y < height; y++) {
    at++
    for (let x = 0; x < width; x++)
      for (const channel of base)
        rows[at++] = channel + Math.floor(30 * Math.sin((x + y) / 20)) + (noise[y * width + x]! % grain)
  }
  return {
    name,
    type: 'image/png',
    bytes: Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows, { level: 1 })),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  }
}

export const csv = (random: SeededRandom, name: string, rows: number): Attachment => {
  const lines = Array.from(
    { length: rows },
    (_, row) =>
      `${row + 1};${random.pick(['Stuhl', 'Tisch', 'Regal', 'Leuchte', 'Vorhang'])};${random.int(1, 40)};${random.int(500, 90_000) / 100}`,
  )
  return { name, type: 'text/csv', bytes: Buffer.from(`Nr;Artikel;Menge;Preis\r\n${lines.join('\r\n')}\r\n`) }
}
