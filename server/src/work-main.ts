import { serveWork } from './adapters/work/work-process.ts'
import { composeWork } from './compose-work.ts'

serveWork(composeWork())
