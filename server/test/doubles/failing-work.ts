/** A work process that does what its archive path says: for tests of how its end reaches the service. */
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { Work } from '../../src/adapters/work/work-messages.ts'
import { serveWork } from '../../src/adapters/work/work-process.ts'

const forEver = () => new Promise<never>(() => setInterval(() => {}, 1_000))

const actOf = (work: Work): string => {
  if (work.kind === 'capture') return work.request.userName
  if (work.kind === 'export') return work.export.archivePath
  return work.kind === 'deliver' ? work.order.archivePath : work.archivePath
}

serveWork(async (work, settings, onProgress, signal) => {
  const act = actOf(work)
  onProgress(noProgress)
  switch (act) {
    case 'answers':
      return { ok: true, itemCount: process.argv.length, rootHash: null, faults: [] }
    case 'leaves off':
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
    case 'never ends':
      return forEver()
    case 'names its failure':
      throw new AppError('source_busy', { details: { host: 'h', reason: 'later' } })
    case 'quotes what it was given':
      throw new TypeError(`cannot read ${JSON.stringify(work)} with ${settings.signingKeyPem}`)
    case 'dies and prints it':
      console.error(JSON.stringify(work))
      process.exit(7)
      break
    case 'rejects unseen':
      void Promise.reject(new Error('nobody looks'))
      return forEver()
    case 'fills its heap': {
      const kept: object[][] = []
      for (;;) kept.push(Array.from({ length: 10_000 }, (_, at) => ({ at })))
    }
    case 'fills its memory': {
      const kept: Buffer[] = []
      const timer = setInterval(() => kept.push(Buffer.alloc(32 << 20, 1)), 10)
      signal.addEventListener('abort', () => clearInterval(timer))
      return forEver()
    }
  }
})
