import { hash } from 'node:crypto'

/** 100 ns steps between 1601 and 1970. */
const epochOffset = 116_444_736_000_000_000n

/**
 * The header block of a conversation index ([MS-OXOMSG] §2.2.1.3): 0x01, the upper 40 bits of the time, a GUID. The GUID is made of
 * the topic, so that the messages of one conversation find each other though nobody told them its index.
 */
export const conversationIndex = (topic: string, atMs: number): Uint8Array => {
  const index = Buffer.alloc(22)
  const fileTime = BigInt(Math.max(0, Math.trunc(atMs))) * 10_000n + epochOffset
  index[0] = 1
  index.writeUIntBE(Number((fileTime >> 24n) & 0xff_ffff_ffffn), 1, 5)
  hash('md5', Buffer.from(topic.toUpperCase(), 'utf16le'), 'buffer').copy(index, 6)
  return index
}
