import { randomBytes } from 'node:crypto'
import type { ExportedFile } from '@stillbox/shared/vocabulary/export-report.ts'
import type { Degradation, MapiMessage } from '../../formats/mapi/message.ts'
import { PidTagMessageClass } from '../../formats/mapi/properties-message.ts'
import type { PstFolder } from '../../formats/pst/create-pst.ts'
import { createSplitPst } from '../../formats/pst/create-split-pst.ts'
import type { PlacedFile } from '../../ports/draft-file.ts'
import type { ManifestFolder } from '../archive/manifest.ts'
import type { ExportWriterKind } from './export-writer.ts'
import { projectItem, writeProjected } from './project-item.ts'

/** Outlook shows a folder by its class ([MS-OXOSFLD] §2.2.1), so what is in one collection but of another kind gets a folder beside it. */
const rooms = {
  mail: { root: null, containerClass: 'IPF.Note' },
  calendar: { root: 'Calendars', containerClass: 'IPF.Appointment' },
  tasks: { root: 'Tasks', containerClass: 'IPF.Task' },
  journal: { root: 'Journal', containerClass: 'IPF.Journal' },
  notes: { root: 'Notes', containerClass: 'IPF.StickyNote' },
  contact: { root: 'Contacts', containerClass: 'IPF.Contact' },
} as const
type Room = keyof typeof rooms

/** Where what is in a calendar goes by its class, if it is no appointment. */
const roomsOfClasses: ReadonlyMap<string, Room> = new Map([
  ['IPM.Task', 'tasks'],
  ['IPM.Activity', 'journal'],
  ['IPM.StickyNote', 'notes'],
])

const roomOf = (kind: ManifestFolder['kind'], message: MapiMessage): Room =>
  (kind === 'calendar' ? roomsOfClasses.get(message.properties.get(PidTagMessageClass) ?? '') : undefined) ?? kind

const pathOf = (room: Room, { path }: ManifestFolder): readonly string[] => {
  const { root } = rooms[room]
  return root === null ? path : [root, ...path]
}

const cutText = (properties: readonly string[]): Degradation => ({
  code: 'text_cut',
  text: `Cut, or without room among the named properties: ${properties.join(', ')}.`,
})
const oversized: Degradation = {
  code: 'part_oversized',
  text: 'It is larger than a file may be, so it is in one of its own that is larger.',
}

/** One PST with the folders of the archive, or as many as the size limit asks for, each complete in itself. */
export const pst: ExportWriterKind = {
  // Attachments are plain in a PST and a third larger in an EML; each small item costs some KB more.
  diskFactor: 1.5,
  notes: ['Messages that Outlook cannot show as they were have their original attached, and are listed.'],
  open: async ({ out, baseName, folders, limitBytes, manifest, findMember, signal }) => {
    const partName = (part: number) => `${baseName} part ${part}.pst`
    const files = new Map<number, PlacedFile>()
    const known = new Map<string, PstFolder>()
    const takenAtMs = Date.parse(manifest.capture.startedAt)
    const writer = createSplitPst({
      displayName: baseName,
      limitBytes,
      now: () => takenAtMs,
      randomBytes,
      create: async (part) => {
        const file = await out.createPlaced(partName(part))
        files.set(part, file)
        return { write: file.write, close: file.finish }
      },
    })
    const folderIn = async (room: Room, folder: ManifestFolder): Promise<PstFolder> => {
      const key = `${room}\n${folder.directory}`
      const found = known.get(key) ?? (await writer.addFolder(pathOf(room, folder), rooms[room].containerClass))
      known.set(key, found)
      return found
    }
    // Empty folders are part of what was there.
    for (const folder of folders) await folderIn(folder.kind, folder)

    return {
      add: async (item) => {
        const { folder, raw } = item
        return writeProjected(projectItem(item, { manifest, findMember, signal }), async ({ message }) => {
          const into = await folderIn(roomOf(folder.kind, message), folder)
          const { cut, isOversized } = await writer.add(into, message, signal, raw.sizeBytes)
          return [...(cut.length > 0 ? [cutText(cut)] : []), ...(isOversized ? [oversized] : [])]
        })
      },
      finish: async () => {
        const { parts } = await writer.finish()
        if (parts.length > 1)
          return parts.map(({ part, sizeBytes }): ExportedFile => ({ name: partName(part), sizeBytes }))
        const name = `${baseName}.pst`
        await out.rename(`${out.folder}/${partName(1)}`, `${out.folder}/${name}`)
        return parts.map(({ sizeBytes }) => ({ name, sizeBytes }))
      },
      close: async () => {
        for (const file of files.values()) await file.close()
      },
    }
  },
}
