import { modifiedAt } from '../capture/item-packer.ts'
import { type ExportWriterKind, written } from './export-writer.ts'
import { createZipFile } from './zip-file.ts'

/**
 * Every item as a file of its own, under the name it has in the archive: safe on every system, no two alike. The bytes go
 * over as they lie in the archive, deflated already, so nothing is compressed twice.
 */
export const zipEml: ExportWriterKind = {
  // What is stored in an archive never takes more than its own bytes, its name and some header.
  diskFactor: 1.1,
  notes: [
    'Flags of messages (read, flagged, …) are not in the files. The time of a file is when its message was received.',
  ],
  open: async (target) => {
    const { signal } = target
    const zip = await createZipFile(target, `${target.baseName} eml.zip`)
    return {
      add: async ({ record, packed: { method, crc32, compressedBytes, open } }) => {
        const { entry: name, sizeBytes, internalDate } = record
        await zip.append(
          { name, method, crc32, sizeBytes, compressedBytes, modifiedAt: modifiedAt(internalDate) },
          open(signal),
        )
        return written
      },
      finish: async () => [await zip.finish()],
      close: zip.close,
    }
  },
}
