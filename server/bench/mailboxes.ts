import type { DeliveredMessage, Dovecot } from '../testkit/servers/dovecot.ts'

/** The two mailboxes of the benchmark: many small messages, and few large ones of which half hardly compress. */
export type BenchMailbox = {
  readonly name: 'small' | 'large'
  readonly folders: readonly { readonly path: readonly string[]; readonly messages: () => Iterable<DeliveredMessage> }[]
}
export type BenchSize = { readonly messages: number; readonly seed?: number }

/** mulberry32: the same seed gives the same mailbox on every machine. */
const createRandom = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    below: (limit: number): number => Math.floor(next() * limit),
    between: (from: number, to: number): number => from + Math.floor(next() * (to - from)),
    bytes: (count: number): Buffer => {
      const bytes = Buffer.allocUnsafe(Math.ceil(count / 4) * 4)
      for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.floor(next() * 4_294_967_296), at)
      return bytes.subarray(0, count)
    },
  }
}
type Random = ReturnType<typeof createRandom>

const syllables =
  'an ba ch de en fa ge ha in je ka li mo ne or pa qu re si te un vo wa xe yo zu sche ler ing tion'.split(' ')
/** A vocabulary of made-up words: with the frequencies below it deflates like ordinary prose, to about 45 %. */
const createWords = (random: Random): string[] =>
  Array.from({ length: 4_000 }, () =>
    Array.from({ length: random.between(1, 5) }, () => syllables[random.below(syllables.length)]).join(''),
  )

const prose = (random: Random, words: readonly string[], bytes: number): string => {
  const lines: string[] = []
  let line = ''
  for (let written = 0; written < bytes; ) {
    // The product of two draws favours the front of the list, as a language favours its short words.
    const word = words[Math.floor((random.below(words.length) * random.below(words.length)) / words.length)]!
    if (line.length + word.length > 72) {
      lines.push(line)
      written += line.length + 1
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}

const base64Lines = (bytes: Buffer): string => bytes.toString('base64').replace(/(.{76})/g, '$1\n')

const headers = (random: Random, words: readonly string[], n: number, dateMs: number): string => {
  const word = () => words[random.below(words.length)]!
  return [
    `Return-Path: <${word()}@${word()}.example>`,
    `Received: from ${word()}.example ([192.0.2.${random.below(255)}]) by mx.example.org with ESMTPS id ${random.below(1e9).toString(36)}`,
    `Message-ID: <${n}.${random.below(1e9)}@bench.example>`,
    `Date: ${new Date(dateMs).toUTCString().replace('GMT', '+0000')}`,
    `From: ${word()} ${word()} <${word()}@${word()}.example>`,
    'To: Anna <anna@example.org>',
    `Subject: ${word()} ${word()} ${word()}`,
    'MIME-Version: 1.0',
  ].join('\n')
}

const startMs = Date.UTC(2020, 0, 1)

/** Files have LF line ends, as delivery agents write them; the server makes CRLF of them on the way out. */
const textMessage = (random: Random, words: readonly string[], n: number, bytes: number): DeliveredMessage => {
  const receivedAtMs = startMs + n * 600_000
  const head = `${headers(random, words, n, receivedAtMs)}\nContent-Type: text/plain; charset=utf-8\n\n`
  return {
    bytes: Buffer.from(`${head}${prose(random, words, Math.max(100, bytes - head.length))}\n`),
    receivedAtMs,
    letters: n % 3 === 0 ? '' : 'S',
  }
}

const attachmentMessage = (random: Random, words: readonly string[], n: number, bytes: number): DeliveredMessage => {
  const receivedAtMs = startMs + n * 600_000
  const boundary = `b${n}`
  const text = [
    headers(random, words, n, receivedAtMs),
    `Content-Type: multipart/mixed; boundary="${boundary}"\n`,
    `--${boundary}\nContent-Type: text/plain\n\n${prose(random, words, 1_000)}`,
    `--${boundary}\nContent-Type: application/octet-stream; name="part.bin"\nContent-Transfer-Encoding: base64\n`,
    base64Lines(random.bytes(Math.floor((bytes * 3) / 4 / 1.014))),
    `--${boundary}--\n`,
  ].join('\n')
  return { bytes: Buffer.from(text), receivedAtMs, letters: 'S' }
}

/** 20,000 messages of 2 to 20 KB in 12 folders, one of them nested and one with a name outside ASCII. */
export const smallMailbox = ({ messages = 20_000, seed = 1 }: Partial<BenchSize> = {}): BenchMailbox => {
  const paths = [['INBOX'], ['Sent'], ['Entwürfe'], ['Archive', '2019'], ['Archive', '2020']]
  while (paths.length < 12) paths.push([`Project ${paths.length}`])
  // INBOX and Sent hold more than the others, as they do.
  const weights = paths.map((_, i) => (i === 0 ? 5 : i === 1 ? 3 : 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const counts = weights.map((weight) => Math.floor((messages * weight) / total))
  counts[0] = counts[0]! + messages - counts.reduce((sum, count) => sum + count, 0)
  return {
    name: 'small',
    folders: paths.map((path, index) => ({
      path,
      *messages() {
        const random = createRandom(seed * 1_000 + index)
        const words = createWords(createRandom(seed))
        for (let n = 0; n < counts[index]!; n++)
          // Squaring the draw makes small messages common and 20 KB rare; the mean is 8 KB.
          yield textMessage(random, words, n, 2_048 + Math.floor((random.below(1_000) / 1_000) ** 2 * 18_432))
      },
    })),
  }
}

/** 1,500 messages of 0.09 to 1.25 MB, about 1 GB: every other one random bytes in base64, the rest text. */
export const largeMailbox = ({ messages = 1_500, seed = 2 }: Partial<BenchSize> = {}): BenchMailbox => {
  const paths = [['INBOX'], ['Attachments'], ['Reports']]
  return {
    name: 'large',
    folders: paths.map((path, index) => ({
      path,
      *messages() {
        const random = createRandom(seed * 1_000 + index)
        const words = createWords(createRandom(seed))
        const count = Math.floor(messages / paths.length) + (index < messages % paths.length ? 1 : 0)
        for (let n = 0; n < count; n++) {
          const bytes = random.between(90_000, 1_250_000)
          yield (n % 2 === 0 ? attachmentMessage : textMessage)(random, words, n, bytes)
        }
      },
    })),
  }
}

/** Puts a mailbox into a server's storage. @returns what was written, in bytes with LF line ends. */
export const fillMailbox = async (server: Dovecot, user: string, mailbox: BenchMailbox) => {
  let messages = 0
  let bytes = 0
  for (const folder of mailbox.folders) {
    const counted = function* () {
      for (const message of folder.messages()) {
        messages++
        bytes += message.bytes.length
        yield message
      }
    }
    await server.deliver(user, folder.path, counted())
  }
  return { messages, bytes }
}
