import { Buffer } from 'node:buffer'
import { scanHeader } from '../../formats/eml/scan-header.ts'
import { createFromQuoter, fromLine } from '../../formats/mbox/mboxrd.ts'
import { readAll } from '../capture/archive-draft.ts'
import { createDeflateStream, type DeflateStream } from '../capture/deflate-stream.ts'
import { modifiedAt } from '../capture/item-packer.ts'
import { type ExportWriterKind, type ItemOutcome, written } from './export-writer.ts'
import type { RawItem } from './raw-item.ts'
import { createNames } from './unique-names.ts'
import { createZipFile } from './zip-file.ts'

const headerBytes = 64 * 1024
const lineEnd = Buffer.from('\n')

/** Nothing in the file tells it from a message that had one. */
const withLineEnd: ItemOutcome = {
  outcome: 'written',
  degraded: [
    { code: 'line_end_added', text: 'It does not end with a line end, and got one: in an mbox every message has one.' },
  ],
}

/** Whom the last server says the message came from (RFC 5321 §4.4); null when none does. */
const returnPath = async (raw: RawItem): Promise<string | null> => {
  const head = await raw.read(0, Math.min(headerBytes, raw.sizeBytes))
  let found: string | null = null
  scanHeader(Buffer.from(head).toString('latin1'), new Set(['return-path']), (_, value) => {
    found ??= /<([^<>]*)>/.exec(value)?.[1] ?? null
  })
  return found
}

/** `mail/Archive/2025` becomes `Archive/2025.mbox`; no folder around another may look like a file. */
const entryOf = (directory: string): string =>
  `${directory
    .split('/')
    .slice(1)
    .map((segment, at, { length }) => (at < length - 1 && /\.mbox$/i.test(segment) ? `${segment}_` : segment))
    .join('/')}.mbox`

async function* listed(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/**
 * A ZIP with one mbox for each mail folder, of the kind "mboxrd". A message keeps its bytes, line ends included, but for the
 * '>' before lines that begin with "From "; behind it stands an empty line. No header is added, so flags are not in it.
 */
export const mbox: ExportWriterKind = {
  // Deflated once into a work file and once more into the ZIP; what does not shrink is counted in full.
  diskFactor: 2.1,
  notes: [
    'mbox holds no flags: what was read, flagged or answered cannot be told from it, and keywords are not in it.',
  ],
  open: async (target) => {
    const zip = await createZipFile(target, `${target.baseName} mbox.zip`)
    const nameOf = createNames()
    const takenAt = new Date(target.manifest.capture.startedAt)
    let current: { readonly directory: string; readonly name: string; readonly stream: DeflateStream } | null = null

    const endFolder = async () => {
      if (!current) return
      const { name, stream } = current
      current = null
      const { body, sha256: _, ...facts } = await stream.end()
      const entry = { name, method: 8, modifiedAt: takenAt, ...facts } as const
      if (!('path' in body)) return zip.append(entry, listed(body))
      try {
        await zip.append(entry, readAll(body))
      } finally {
        await body.close()
        await target.work.remove(body.path)
      }
    }
    const streamOf = async (directory: string): Promise<DeflateStream> => {
      if (current?.directory === directory) return current.stream
      await endFolder()
      const stream = createDeflateStream(() => target.work.create('folder.mbox.part'))
      current = { directory, name: nameOf(entryOf(directory)), stream }
      return stream
    }

    return {
      add: async ({ record, folder, raw }) => {
        const stream = await streamOf(folder.directory)
        await stream.write(fromLine(await returnPath(raw), modifiedAt(record.internalDate) ?? takenAt))
        const quoter = createFromQuoter()
        for await (const chunk of readAll(raw)) {
          target.signal.throwIfAborted()
          for (const part of quoter.add(chunk)) await stream.write(part)
        }
        for (const part of quoter.finish()) await stream.write(part)
        const last = raw.sizeBytes > 0 ? await raw.read(raw.sizeBytes - 1, 1) : null
        const isEnded = last?.[0] === 0x0a
        if (!isEnded) await stream.write(lineEnd)
        await stream.write(lineEnd)
        return isEnded ? written : withLineEnd
      },
      finish: async () => {
        await endFolder()
        return [await zip.finish()]
      },
      close: async () => {
        await current?.stream.discard()
        await zip.close()
      },
    }
  },
}
