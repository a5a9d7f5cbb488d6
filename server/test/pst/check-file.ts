import { open } from 'node:fs/promises'
import { type PstReport, verifyPst } from '../../src/formats/pst-check/verify-pst.ts'
import { neverAborted } from './write-mailbox.ts'

/** What the checker, which shares no code with the writer, has to say of a file. */
export const checkFile = async (path: string): Promise<Pick<PstReport, 'faults' | 'warnings' | 'messages'>> => {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const { faults, warnings, messages } = await verifyPst(
      {
        sizeBytes: size,
        read: async (offset, length) => {
          const bytes = new Uint8Array(length)
          const { bytesRead } = await handle.read(bytes, 0, length, offset)
          return bytes.subarray(0, bytesRead)
        },
      },
      { signal: neverAborted, maxFaults: 20 },
    )
    return { faults, warnings, messages }
  } finally {
    await handle.close()
  }
}

export const clean = (messages: number): Awaited<ReturnType<typeof checkFile>> => ({
  faults: [],
  warnings: [],
  messages,
})
