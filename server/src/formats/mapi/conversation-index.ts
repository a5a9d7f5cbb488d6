import { hash } from 'node:crypto'

/** Milliseconds between 1601 and 1970. */
const epochDifferenceMs = 11_644_473_600_000
const unit = 2 ** 24

/** The upper 40 bits of a FILETIME, in parts that a number holds exactly: this is done for each message, where BigInt is slow. */
const upperTime = (sinceMs: number): number => {
  const ms = sinceMs + epochDifferenceMs
  return (Math.floor(ms / unit) * 10_000 + Math.floor(((ms % unit) * 10_000) / unit)) % 2 ** 40
}

/**
 * The header block of a conversation index ([MS-OXOMSG] §2.2.1.3): 0x01, the upper 40 bits of the time, a GUID. The GUID is made of
 * the topic, so that the messages of one conversation find each other though nobody told them its index.
 */
export const conversationIndex = (topic: string, atMs: number): Uint8Array => {
  const index = Buffer.alloc(22)
  index[0] = 1
  index.writeUIntBE(upperTime(Math.max(0, Math.trunc(atMs))), 1, 5)
  hash('md5', Buffer.from(topic.toUpperCase(), 'utf16le'), 'buffer').copy(index, 6)
  return index
}
