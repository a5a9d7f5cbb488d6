import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { DeliveryRequest } from '../../ports/delivery.ts'

/** NAME_MAX of the usual file systems, less the `.part`. */
const maxNameBytes = 250

const isSegment = (name: string, mostBytes = maxNameBytes): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= mostBytes

/** What a file is called until it is whole. */
export const partNameOf = ({ name, partName = `${name}.part` }: Pick<DeliveryRequest, 'name' | 'partName'>): string =>
  partName

/** @throws AppError `invalid_params` for names that would lead elsewhere, or that no file system takes. */
export const checkDeliveryNames = (request: Pick<DeliveryRequest, 'folders' | 'name' | 'partName'>): void => {
  const { folders, name } = request
  const partName = partNameOf(request)
  const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })
  if (!isSegment(name)) throw refuse('The name of the delivered file is not a file name.')
  if (!isSegment(partName, maxNameBytes + '.part'.length) || partName === name)
    throw refuse('The name of the file while it is uploaded is not a file name of its own.')
  if (!folders.every((folder) => isSegment(folder)))
    throw refuse('A folder of the delivered file is not the name of a folder.')
}

/** A path below the folder; `''` is where the sign-in lands. A folder that begins with a dash stays a path. */
export const below = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}${folder.endsWith('/') ? '' : '/'}${name}`
