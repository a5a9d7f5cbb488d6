import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const here = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))

/** Runs in a process of its own, whose memory is what the projection needs and Node itself. */
const program = `
import { createHash } from 'node:crypto'
import { projectMail } from ${here('./project-mail.ts')}

const content = Buffer.alloc(57 * 4_000)
for (let at = 0; at < content.length; at++) content[at] = (at * 31 + (at >> 8)) & 255
const block = Buffer.from(content.toString('base64').replace(/.{76}/g, '$&\\r\\n'))
const blocks = Math.ceil(300_000_000 / block.length)
const head = Buffer.from('Subject: large\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n--b\\r\\n\\r\\ntext\\r\\n--b\\r\\n'
  + 'Content-Type: application/zip; name=large.zip\\r\\nContent-Transfer-Encoding: base64\\r\\n\\r\\n')
const tail = Buffer.from('--b--\\r\\n')
const bodyEnd = head.length + blocks * block.length
const raw = {
  sizeBytes: bodyEnd + tail.length,
  read: async (offset, lengthBytes) => {
    const out = Buffer.alloc(Math.min(lengthBytes, raw.sizeBytes - offset))
    for (let at = 0; at < out.length; ) {
      const place = offset + at
      const [from, start] = place < head.length ? [head, place]
        : place < bodyEnd ? [block, (place - head.length) % block.length] : [tail, place - bodyEnd]
      at += from.copy(out, at, start)
    }
    return out
  },
}
const held = () => { const { heapUsed, external } = process.memoryUsage(); return heapUsed + external }
globalThis.gc()
const before = held()
let peak = before
let pieces = 0
const { message } = await projectMail(raw, { flags: [], receivedAtMs: 0 }, new AbortController().signal)
const hash = createHash('sha256')
let bytes = 0
for await (const chunk of message.attachments[0].content.open(new AbortController().signal)) {
  hash.update(chunk)
  bytes += chunk.length
  if (++pieces % 20 === 0) globalThis.gc()
  peak = Math.max(peak, held())
}
const expected = createHash('sha256')
for (let n = 0; n < blocks; n++) expected.update(content)
console.log(JSON.stringify({ bytes, isSame: hash.digest('hex') === expected.digest('hex'), wanted: blocks * content.length, grownBytes: peak - before }))
`

it('reads an attachment of 300 MB in a heap of 32 MB', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=32',
    '--max-semi-space-size=2',
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    program,
  ])
  const { bytes, isSame, wanted, grownBytes } = JSON.parse(stdout) as Record<string, number>
  expect([bytes, isSame]).toEqual([wanted, true])
  expect(grownBytes).toBeLessThan(40_000_000)
})
