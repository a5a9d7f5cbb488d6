import { parentPort, workerData } from 'node:worker_threads'
import type { ReaderStart } from './adapters/work/reader-messages.ts'
import { serveReader } from './adapters/work/reader-thread.ts'
import { composeReader } from './compose-reader.ts'

if (!parentPort) throw new Error('reader-main.ts is the start of a thread, not of a process')
const start = workerData as ReaderStart
serveReader(parentPort, start, composeReader(start))
