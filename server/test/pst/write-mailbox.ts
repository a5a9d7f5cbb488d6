import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { WritableFile } from '../../src/formats/mapi/writable-file.ts'
import { createPst, type PstOptions, type PstWriter } from '../../src/formats/pst/create-pst.ts'
import { type MailFolder, mapiMessage } from './mail-model.ts'

/** A file on disk, closed by `close`. */
export const diskFile = async (path: string): Promise<WritableFile & { close(): Promise<void> }> => {
  const handle = await open(path, 'w')
  return {
    write: async (offset, bytes) => {
      await handle.write(bytes, 0, bytes.length, offset)
    },
    close: () => handle.close(),
  }
}

/** Random bytes that are the same in each run. */
export const seededBytes = (seed: string): ((count: number) => Uint8Array) => {
  let drawn = 0
  return (count) => {
    drawn++
    return createHash('sha512').update(`${seed} ${drawn}`).digest().subarray(0, count)
  }
}

export const fixedNow = (): number => Date.UTC(2026, 0, 15, 12)

export const neverAborted = new AbortController().signal

export const testPst = (file: WritableFile, more: Partial<PstOptions> = {}): PstWriter =>
  createPst({ file, displayName: 'Mailbox of the test', now: fixedNow, randomBytes: seededBytes('test'), ...more })

export const writeMailbox = async (
  path: string,
  folders: readonly MailFolder[],
  more: Partial<PstOptions> = {},
): ReturnType<PstWriter['finish']> => {
  const file = await diskFile(path)
  try {
    const pst = testPst(file, more)
    for (const { path: folderPath, containerClass, mails } of folders) {
      const folder = pst.addFolder(folderPath, containerClass)
      for (const mail of mails) await pst.add(folder, mapiMessage(mail), neverAborted)
    }
    return await pst.finish()
  } finally {
    await file.close()
  }
}
