import type { ExportedFile } from '@stillbox/shared/vocabulary/export-report.ts'
import { createCalendarCombiner } from '../../formats/ics/combine.ts'
import { createContactCombiner } from '../../formats/vcf/combine.ts'
import type { DraftFile } from '../../ports/draft-file.ts'
import type { ManifestFolder } from '../archive/manifest.ts'
import { type ExportWriterKind, type ItemOutcome, written } from './export-writer.ts'
import { type GatheredFile, gathered } from './gathered-file.ts'
import { createNames } from './unique-names.ts'

type Combiner = {
  add(object: Uint8Array): Uint8Array
  finish(): Uint8Array
  leftOutCount(): number
  differingZoneCount?(): number
}
type Current = { readonly directory: string; readonly combiner: Combiner; readonly name: string } & {
  readonly file: DraftFile
  readonly data: GatheredFile
}

const differingZone: ItemOutcome = {
  outcome: 'written',
  degraded: [
    {
      code: 'zone_differs',
      text: 'It defines a time zone otherwise than an item before it, whose definition now counts for both.',
    },
  ],
}

/** An object is in memory several times over while it is taken apart; 10 MB is the usual limit of servers. */
const maxObjectBytes = 16 * 1024 * 1024

const tooLarge: ItemOutcome = {
  outcome: 'skipped',
  code: 'too_large',
  text: 'It is larger than 16 MiB, which is no usual calendar object or contact. A ZIP of single files can hold it.',
}

/** One file for each collection, with all its objects. */
const combined = (
  extension: string,
  what: string,
  combinerOf: (folder: ManifestFolder) => Combiner,
): ExportWriterKind => ({
  diskFactor: 1.1,
  notes: [],
  open: async ({ out }) => {
    const nameOf = createNames()
    const files: ExportedFile[] = []
    let current: Current | null = null

    const endFile = async () => {
      if (!current) return
      const { file, data, combiner, name } = current
      await data.append(combiner.finish())
      await data.flush()
      files.push({ name, sizeBytes: file.sizeBytes })
      await file.finish()
      current = null
    }
    const fileOf = async (folder: ManifestFolder): Promise<Current> => {
      if (current?.directory === folder.directory) return current
      await endFile()
      const name = nameOf(`${folder.directory.split('/').slice(1).join(' - ')}${extension}`)
      const file = await out.create(name)
      current = { directory: folder.directory, combiner: combinerOf(folder), name, file, data: gathered(file) }
      return current
    }

    return {
      add: async ({ folder, raw }) => {
        if (raw.sizeBytes > maxObjectBytes) return tooLarge
        const { combiner, data } = await fileOf(folder)
        const leftOut = combiner.leftOutCount()
        const differing = combiner.differingZoneCount?.() ?? 0
        await data.append(combiner.add(await raw.read(0, raw.sizeBytes)))
        if (combiner.leftOutCount() > leftOut)
          return { outcome: 'skipped', code: 'malformed', text: `It is no whole ${what}.` }
        return (combiner.differingZoneCount?.() ?? 0) > differing ? differingZone : written
      },
      finish: async () => {
        await endFile()
        return files
      },
      close: async () => current?.file.close(),
    }
  },
})

export const ics: ExportWriterKind = combined('.ics', 'calendar object', (folder) =>
  createCalendarCombiner({ name: folder.path.at(-1) ?? '' }),
)
export const vcf: ExportWriterKind = combined('.vcf', 'vCard', () => createContactCombiner())
