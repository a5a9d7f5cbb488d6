import type { Params } from '@stillbox/shared/contract/registry.ts'
import { CreateSnapshotParams } from '@stillbox/shared/contract/snapshot-methods.ts'
import { faultOf, invalidParams } from '../invalid-params.ts'
import { SshTarget } from './ssh-target.ts'
import { CreateRequest } from './wire-schemas.ts'

/** The parameters of the use case; `ssh` is looked at for sftp and scp, and only then. @throws AppError `invalid_params` */
export const readCreateRequest = (body: unknown): Params<'CreateSnapshot'> => {
  const given = CreateRequest.safeParse(body, { error: faultOf })
  if (!given.success) throw invalidParams(given.error)
  const { username, type, ssh, ...rest } = given.data
  const wanted = { ...rest, userName: username, type: [type] }
  // What is wrong with the rest is told first: the target is read in the words of this API, once the rest is right.
  const anywhere = CreateSnapshotParams.safeParse({ ...wanted, action: 'download' })
  if (!anywhere.success) throw invalidParams(anywhere.error)
  if (rest.action === 'download') return anywhere.data
  const target = SshTarget.safeParse(ssh)
  if (!target.success) throw invalidParams(target.error)
  const params = CreateSnapshotParams.safeParse({ ...wanted, ssh: target.data })
  if (!params.success) throw invalidParams(params.error)
  return params.data
}
