import type { ClientChannel } from 'ssh2'

/** Longest line a command may answer. */
const maxLineBytes = 8 * 1024

export type ByteReader = {
  /** The next byte, or null at the end of what the command says. */
  byte(): Promise<number | null>
  /** Up to the next line feed, without it; what is left, at the end. */
  line(): Promise<string>
}

/** Reads the few bytes a command answers. One call at a time. */
export const readBytesOf = (channel: ClientChannel): ByteReader => {
  let held = Buffer.alloc(0)
  let hasEnded = false
  let wake = () => {}
  channel.on('data', (chunk: Buffer) => {
    // A command of ours never says this much; one that does is not listened to.
    if (held.length < maxLineBytes) held = Buffer.concat([held, chunk])
    wake()
  })
  const end = () => {
    hasEnded = true
    wake()
  }
  channel.on('end', end)
  channel.on('close', end)
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const take = (count: number): Buffer => {
    const taken = held.subarray(0, count)
    held = held.subarray(count)
    return taken
  }
  return {
    byte: async () => {
      while (held.length === 0 && !hasEnded) await more()
      return held.length === 0 ? null : take(1)[0]!
    },
    line: async () => {
      for (;;) {
        const end = held.indexOf(0x0a)
        if (end >= 0) return take(end + 1).toString('utf8', 0, end)
        if (hasEnded || held.length >= maxLineBytes) return take(held.length).toString('utf8')
        await more()
      }
    },
  }
}
