import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { buildCalendarObject, buildCalendarObjects, calendarKinds } from './calendar-builder.ts'
import { buildContact, buildContacts, contactKinds } from './contact-builder.ts'
import { charsetSamples } from './encoded-words.ts'
import { buildMessage, buildMessages, largeMessage, messageKinds } from './message-builder.ts'
import { seededRandom } from './random.ts'

const print = (built: Iterable<{ readonly bytes: Uint8Array }>): string => {
  const hash = createHash('sha256')
  for (const { bytes } of built) hash.update(bytes)
  return hash.digest('hex')
}

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number) => Array.from({ length: 50 }, () => seededRandom(seed).int(0, 1e9))
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  const random = seededRandom(7)
  for (let n = 0; n < 1_000; n++) expect([3, 4, 5]).toContain(random.int(3, 5))
  expect(random.shuffle([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4])
  expect(random.bytes(7)).toHaveLength(7)
})

test('what is written for a charset is what its decoder reads', () => {
  for (const { charset, text, hex } of charsetSamples)
    expect(new TextDecoder(charset).decode(Buffer.from(hex, 'hex')), charset).toBe(text)
})

describe('messages', () => {
  test('are the same for the same seed, and never twice the same otherwise', () => {
    expect(print(buildMessages(5, 100))).toBe(print(buildMessages(5, 100)))
    expect(new Set([...buildMessages(5, 400)].map((built) => print([built]))).size).toBe(400)
  })

  test.each(messageKinds)('%s says truly what is in its header', (kind) => {
    const { bytes, messageId, dateMs, subject, hasCrlfOnly } = buildMessage(11, { kind })
    const text = bytes.toString('latin1')
    const header = hasCrlfOnly ? text.split('\r\n\r\n')[0]! : text.split('\n\n')[0]!
    expect(header.includes('\nMessage-ID: ') ? /^Message-ID: (\S+)/m.exec(header)![1] : null).toBe(messageId)
    expect(header.includes('\nDate: ') ? Date.parse(/^Date: (.*?)\r?$/m.exec(header)![1]!) : null).toBe(dateMs)
    if (subject !== null && /^[\x20-\x7e]*$/.test(subject)) expect(header).toContain(`Subject: ${subject}`)
    expect(/(?<!\r)\n/.test(text)).toBe(!hasCrlfOnly)
    expect(text).not.toContain('\0')
  })

  test('carry attachments of the wanted sizes', () => {
    const { bytes, hasAttachment } = buildMessage(3, { kind: 'mixed', attachmentBytes: [100_000, 50] })
    expect(hasAttachment).toBe(true)
    expect(bytes.toString('latin1').match(/^Content-Disposition: attachment/gm)).toHaveLength(2)
    expect(bytes.length).toBeGreaterThan(136_000)
  })

  test.each([1_000, 1_001, 786_239, 5_000_003])('of %i bytes are of exactly that size, in small pieces', (size) => {
    let total = 0
    let largest = 0
    for (const piece of largeMessage(1, size)) {
      total += piece.length
      largest = Math.max(largest, piece.length)
    }
    expect(total).toBe(size)
    expect(largest).toBeLessThan(1_100_000)
  })
})

describe.each([
  ['calendar objects', calendarKinds, buildCalendarObject, buildCalendarObjects],
  ['contacts', contactKinds, buildContact, buildContacts],
] as const)('%s', (_, kinds, build, buildMany) => {
  test('are the same for the same seed', () => {
    expect(print(buildMany(5, 60))).toBe(print(buildMany(5, 60)))
    expect(new Set([...buildMany(5, 200)].map(({ uid }) => uid)).size).toBe(200)
    expect(new Set([...buildMany(5, 200)].map(({ fileName }) => fileName)).size).toBe(200)
  })

  test.each([...kinds])('%s is folded and balanced, and says truly what it is', (kind) => {
    const { bytes, uid, title } = (build as (seed: number, kind: string) => ReturnType<typeof build>)(9, kind)
    const text = bytes.toString('utf8')
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    const unfolded = text.replaceAll('\r\n ', '')
    const named = (name: string) =>
      [...unfolded.matchAll(new RegExp(`^${name}:(.*)\\r$`, 'gm'))].map((match) => match[1])
    expect(named('BEGIN').sort()).toEqual(named('END').sort())
    expect(named('UID')[0]).toBe(uid)
    const written = named('SUMMARY')[0] ?? named('FN')[0]
    expect(written?.replace(/\\(.)/g, '$1')).toBe(title)
  })
})
