import { open, rename } from 'node:fs/promises'
import { openSshDelivery } from '../src/adapters/ssh/ssh-delivery.ts'
import type { DestinationSpec } from '../src/ports/delivery.ts'

/** What a run is told over IPC, and what it answers: a process of its own, so that its memory is its own. */
export type UploadOrder = { readonly destination: DestinationSpec; readonly filePath: string; readonly name: string }
export type UploadRun = {
  /** From the call to the last byte acknowledged: what `sftp` and `scp` do. */
  readonly uploadMs: number
  /** With fsync, checksum on both sides and rename. */
  readonly wholeMs: number
  readonly peakRssBytes: number
  readonly cpuMs: number
}

process.once('message', (order: UploadOrder) => void deliver(order))

const deliver = async ({ destination, filePath, name }: UploadOrder) => {
  const file = await open(filePath)
  const { size: sizeBytes } = await file.stat()
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  let uploadMs = 0
  let cpuMs = 0
  const { path } = await openSshDelivery(destination).deliver({
    file: {
      sizeBytes,
      read: async (offset, lengthBytes) => {
        const bytes = Buffer.allocUnsafe(lengthBytes)
        await file.read(bytes, 0, lengthBytes, offset)
        return bytes
      },
    },
    folders: [],
    name,
    replace: false,
    onProgress: (bytesDone) => {
      if (bytesDone < sizeBytes) return
      uploadMs = performance.now() - startedAt
      const { user, system } = process.cpuUsage(cpuBefore)
      cpuMs = (user + system) / 1000
    },
    signal: new AbortController().signal,
  })
  const wholeMs = performance.now() - startedAt
  await file.close()
  if (!path.endsWith(name)) throw new Error(`it was delivered as ${path}`)
  await rename(path, `${path}.delivered`)
  const run: UploadRun = { uploadMs, wholeMs, peakRssBytes: process.resourceUsage().maxRSS * 1024, cpuMs }
  process.send?.(run, () => process.disconnect())
}
