import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** NAME_MAX of the usual file systems, less the `.part`. */
const maxNameBytes = 250

/** @throws AppError `invalid_params` for a name that would lead elsewhere, or that no file system takes. */
export const checkDeliveryName = (name: string): void => {
  const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)
  if (isPlain && Buffer.byteLength(name) <= maxNameBytes) return
  throw new AppError('invalid_params', { details: { reason: 'The name of the delivered file is not a file name.' } })
}

/** A path below the folder; `''` is where the sign-in lands. A folder that begins with a dash stays a path. */
export const below = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}${folder.endsWith('/') ? '' : '/'}${name}`
