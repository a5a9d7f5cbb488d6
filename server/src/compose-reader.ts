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
    case 'mbox':
      return (await import('./adapters/directory/mbox/mbox-source.ts')).openMboxSource(spec, signal)
    case 'eml':
      return (await import('./adapters/directory/eml/eml-source.ts')).openEmlSource(spec, signal)
  }
}

/** What is deflated lies outside V8's heap, and V8 lets 64 MB of it pile up in each thread before it looks. */
const garbageLimitBytes = 8 * 1024 * 1024

/** Collects young garbage each time so much of it was made. `gc` is there in a work process, which is started with --expose-gc. */
const createSweeper = () => {
  let bytes = 0
  return (more: number) => {
    bytes += more
    if (bytes < garbageLimitBytes) return
    bytes = 0
    globalThis.gc?.({ type: 'minor', execution: 'sync' })
  }
}

/** Joins what a reader thread needs. */
export const composeReader = ({ workFolder }: ReaderStart): ReaderThreadNeeds => ({
  openSource,
  batchBytes,
  createSpool: createWorkFiles(workFolder).create,
  layOut: (folders) => {
    const layout = createLayout(folders)
    const onGarbage = createSweeper()
    // One for the thread, which reads one folder at a time: a new one for each task would wait for the garbage collector.
    const gatherIn = Buffer.allocUnsafe(wholeItemBytes)
    return (folderIndex, needs) => createItemPacker(folderIndex, { ...needs, folders, layout, gatherIn, onGarbage })
  },
})
