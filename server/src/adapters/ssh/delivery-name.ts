import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { DeliveryRequest } from '../../ports/delivery.ts'

/** NAME_MAX of the usual file systems, less the `.part`. */
const maxNameBytes = 250

const isSegment = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= maxNameBytes

/** @throws AppError `invalid_params` for names that would lead elsewhere, or that no file system takes. */
export const checkDeliveryNames = ({ folders, name }: Pick<DeliveryRequest, 'folders' | 'name'>): void => {
  const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })
  if (!isSegment(name)) throw refuse('The name of the delivered file is not a file name.')
  if (!folders.every(isSegment)) throw refuse('A folder of the delivered file is not the name of a folder.')
}

/** A path below the folder; `''` is where the sign-in lands. A folder that begins with a dash stays a path. */
export const below = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}${folder.endsWith('/') ? '' : '/'}${name}`
