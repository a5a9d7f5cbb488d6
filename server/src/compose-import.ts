import { availableParallelism } from 'node:os'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { openFileSecrets } from './adapters/files/file-secrets.ts'
import { openKeyFiles } from './adapters/files/key-files.ts'
import { sampleOrganization } from './adapters/sample/sample-organization.ts'
import { createArchiveWork } from './adapters/work/archive-work.ts'
import type { Config } from './config/read-config.ts'
import type { CaptureOutcome, CaptureRequest } from './ports/capture.ts'
import { productVersion } from './version.ts'

/** Nobody waits for an import with a limit; a timer holds no more. */
const longestHours = 500

export type Import = {
  /** Of whom an archive can be made: id and name. */
  readonly organizations: readonly { readonly organization: string; readonly name: string }[]
  capture(
    request: CaptureRequest,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<CaptureOutcome>
}

/** Joins what an import needs: the keys of the service, and the work process in which a capture of the service would run. */
export const composeImport = async ({ dataFolder, organizations, sample, limits }: Config): Promise<Import> => {
  const { signingKeyPem, signingPublicKey } = await openFileSecrets({ keyFiles: await openKeyFiles(dataFolder) })
  const work = createArchiveWork({
    entry: new URL('./work-main.ts', import.meta.url),
    settings: {
      signingKeyPem,
      signingPublicKey,
      productVersion,
      readerCount: Math.min(limits.captureThreads, availableParallelism()),
      memoryLimitMb: limits.captureMemoryMb,
    },
    heapMb: 128,
    captureMaxHours: longestHours,
    onCrash: ({ reason, output }) => process.stderr.write(`The import ended by itself (${reason}).\n${output}`),
  })
  return {
    organizations: [...organizations, ...(sample ? [sampleOrganization(dataFolder)] : [])],
    capture: work.capture,
  }
}
