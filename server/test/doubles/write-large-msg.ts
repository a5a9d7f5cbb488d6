import { open } from 'node:fs/promises'
import { createPropertyBag } from '../../src/formats/mapi/property.ts'
import { writeMsg } from '../../src/formats/msg/write-msg.ts'
import { aMessage, aRecipient } from './mapi-messages.ts'

// A process of its own, so that its heap can be kept small: writes a message with 2,000 recipients and one attachment of so many bytes.
const [path, size] = process.argv.slice(2)
if (path === undefined || size === undefined) throw new Error('file and size in bytes, please')

const chunkBytes = 64 * 1024
async function* content() {
  for (let left = Number(size); left > 0; left -= chunkBytes) yield Buffer.alloc(Math.min(left, chunkBytes), 0x5a)
}

await using handle = await open(path, 'wx')
const { sizeBytes } = await writeMsg(
  aMessage({
    recipients: Array.from({ length: 2000 }, (_, index) => aRecipient(`Person ${index}`)),
    attachments: [{ properties: createPropertyBag(), content: { kind: 'bytes', open: content } }],
  }),
  {
    file: {
      write: async (offset, bytes) => {
        await handle.write(bytes, 0, bytes.length, offset)
      },
    },
    signal: new AbortController().signal,
  },
)
console.log(JSON.stringify({ writtenBytes: sizeBytes, peakRssBytes: process.resourceUsage().maxRSS * 1024 }))
