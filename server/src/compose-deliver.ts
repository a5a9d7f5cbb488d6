import { dirname } from 'node:path'
import { noProgress, type Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { openSshDelivery } from './adapters/ssh/ssh-delivery.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import { createProgressMeter, type ProgressMeter } from './domain/capture/progress-meter.ts'
import type { DeliveryOrder } from './ports/capture.ts'
import type { Delivered } from './ports/delivery.ts'

/** Joins what one delivery needs: the archive, and the way to its destination. */
export const composeDeliver = async (
  { archivePath, destination, folders, name, partName }: DeliveryOrder,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Delivered> => {
  const archive = await createWorkFiles(dirname(archivePath)).open(archivePath)
  try {
    const expected = { items: 0, bytes: archive.sizeBytes }
    let meter: ProgressMeter | null = null
    let counted = 0
    const delivered = await openSshDelivery(destination).deliver({
      file: archive,
      folders,
      name,
      ...(partName === undefined ? {} : { partName }),
      replace: false,
      onProgress: (bytesDone) => {
        if (meter === null) meter = createProgressMeter(expected, onProgress, Date.now, bytesDone)
        else meter.bytes(bytesDone - counted)
        counted = bytesDone
      },
      signal,
    })
    onProgress({ ...noProgress, bytesDone: archive.sizeBytes, bytesExpected: archive.sizeBytes })
    return delivered
  } finally {
    await archive.close()
  }
}
