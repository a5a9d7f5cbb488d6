import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { exportFormats, splitGb } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ExportOrder } from '@stillbox/shared/vocabulary/export-report.ts'

/** @throws AppError `invalid_params` when a size is given that the format does not take */
export const checkOrder = ({ format, maxGb }: ExportOrder): void => {
  if (maxGb === null) return
  const { isSplit, title } = exportFormats[format]
  const { least, most } = splitGb
  const reason = !isSplit
    ? `${title} is not split, so it takes no largest size.`
    : maxGb < least || maxGb > most
      ? `The largest size of a file is ${least} to ${most} GB.`
      : null
  if (reason !== null) throw new AppError('invalid_params', { details: { reason } })
}
