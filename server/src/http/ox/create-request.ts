import type { Params } from '@stillbox/shared/contract/registry.ts'
import { CreateSnapshotParams } from '@stillbox/shared/contract/snapshot-methods.ts'
import { invalidParams } from '../invalid-params.ts'
import { SshTarget } from './ssh-target.ts'
import { CreateRequest } from './wire-schemas.ts'

/** The parameters of the use case, and where the archive is to be uploaded to; `ssh` is there for sftp and scp, and only then. */
export type OxCreateParams = Params<'CreateSnapshot'> & { readonly ssh?: SshTarget }

/** @throws AppError `invalid_params` */
export const readCreateRequest = (body: unknown): OxCreateParams => {
  const given = CreateRequest.safeParse(body)
  if (!given.success) throw invalidParams(given.error)
  const { username, type, ssh, ...rest } = given.data
  const params = CreateSnapshotParams.safeParse({ ...rest, userName: username, type: [type] })
  if (!params.success) throw invalidParams(params.error)
  if (params.data.action === 'download') return params.data
  const target = SshTarget.safeParse(ssh)
  if (!target.success) throw invalidParams(target.error)
  return { ...params.data, ssh: target.data }
}
