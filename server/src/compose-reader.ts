import type { ReaderStart } from './adapters/work/reader-messages.ts'
import type { ReaderThreadNeeds } from './adapters/work/reader-thread.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import { createLayout } from './domain/archive/archive-layout.ts'
import { batchBytes, createItemPacker, wholeItemBytes } from './domain/capture/item-packer.ts'
import type { OpenSource } from './ports/source.ts'

/** Loads only the technology that is asked for: a library loaded for nothing costs a small job a tenth of a second. */
const openSource: OpenSource = async (spec, signal) => {
  switch (spec.technology) {
    case 'imap':
      return (await import('./adapters/imap/imap-source.ts')).openImapSource(spec, signal)
    case 'dav':
      return (await import('./adapters/dav/dav-source.ts')).openDavSource(spec, signal)
    case 'directory':
      return (await import('./adapters/directory/directory-source.ts')).openDirectorySource(spec, signal)
  }
}

/** Joins what a reader thread needs. */
export const composeReader = ({ workFolder }: ReaderStart): ReaderThreadNeeds => ({
  openSource,
  batchBytes,
  createSpool: createWorkFiles(workFolder).create,
  layOut: (folders) => {
    const layout = createLayout(folders)
    // One for the thread, which reads one folder at a time: a new one for each task would wait for the garbage collector.
    const gatherIn = Buffer.allocUnsafe(wholeItemBytes)
    return (folderIndex, needs) => createItemPacker(folderIndex, { ...needs, folders, layout, gatherIn })
  },
})
