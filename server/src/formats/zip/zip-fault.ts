import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** What is wrong with an archive, as `details.fault` of `archive_invalid`. */
export type ZipFault =
  | 'structure' // the end records, the central directory or the order of the entries
  | 'header_differs' // a local header is not what the central directory says
  | 'data_unreadable' // the data of an entry does not inflate
  | 'size_differs'
  | 'crc_differs'

export const zipError = (fault: ZipFault, reason: string, entry?: string): AppError =>
  new AppError('archive_invalid', { details: { reason, fault, ...(entry === undefined ? {} : { entry }) } })
