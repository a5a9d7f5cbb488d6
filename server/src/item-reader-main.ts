import { parentPort, workerData } from 'node:worker_threads'
import { openBlockingFile } from './adapters/work/blocking-file.ts'
import type { ItemReaderStart } from './adapters/work/item-reader-messages.ts'
import { serveItemReader } from './adapters/work/item-reader-thread.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import { createItemFiller } from './domain/export/fill-items.ts'
import { openZip } from './formats/zip/read-zip.ts'

if (!parentPort) throw new Error('item-reader-main.ts is the start of a thread, not of a process')
const { archivePath, workFolder } = workerData as ItemReaderStart
const openFiller = async () =>
  createItemFiller(await openZip(openBlockingFile(archivePath)), createWorkFiles(workFolder))
let filler: ReturnType<typeof openFiller> | null = null
serveItemReader(parentPort, async (wanted, buffer) => {
  // At the first request, so that an archive that does not open is an answer.
  filler ??= openFiller()
  return (await filler)(wanted, buffer)
})
