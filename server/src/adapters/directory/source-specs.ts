import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { itemKindOf, type SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import type { MailSourceConfig, ObjectSourceConfig, SourceSignIn } from '../../config/organization-schema.ts'
import { fillTemplate, type PlaceholderValues } from '../../config/placeholders.ts'
import type { SourceAuth, SourceSpec, TlsSpec } from '../../ports/source.ts'
import { encodeForPath, encodeForUrl, isPlainValue } from './safe-values.ts'

/** Whose source is opened: what fills its placeholders, and the user's own password where there is one. */
export type Opening = { readonly values: PlaceholderValues; readonly password: string | null }

/**
 * How to open one user's source of a type. Null where the user's name cannot be one here: it would leave its place in a
 * path, a URL or a sign-in.
 * @throws AppError `invalid_params` when only the user's own password opens the source and none was given.
 */
export const specOf = (
  source: MailSourceConfig | ObjectSourceConfig,
  type: SnapshotType,
  { values, password }: Opening,
): SourceSpec | null => {
  const kind = itemKindOf[type]
  const login = fillTemplate(source.login, values, (value) => (isPlainValue(value) ? value : null))
  if (login === null) return null
  const own = { ...values, login }
  if (source.technology === 'directory') {
    const path = fillTemplate(source.path, own, encodeForPath)
    return path === null ? null : { technology: 'directory', kind, path }
  }
  if (source.technology === 'imap') {
    const auth = authOf(source.signIn, type, login, password)
    if (auth === null) return null
    const tls: TlsSpec = {
      mode: source.tls,
      ...(source.ca === undefined ? {} : { ca: source.ca }),
      ...(source.serverName === undefined ? {} : { serverName: source.serverName }),
    }
    return {
      technology: 'imap',
      kind: 'mail',
      host: source.host,
      port: source.port,
      tls,
      auth,
      compress: source.compress,
      timeoutMs: source.timeoutSeconds * 1000,
      plainFetch: source.plainFetch,
    }
  }
  const url = fillTemplate(source.url, own, encodeForUrl)
  const auth = authOf(source.signIn, type, login, password)
  if (url === null || auth === null) return null
  return {
    technology: 'dav',
    kind: kind === 'calendar' ? 'calendar' : 'contact',
    url,
    ...(source.ca === undefined ? {} : { ca: source.ca }),
    auth,
    timeoutMs: source.timeoutSeconds * 1000,
  }
}

const authOf = (
  signIn: SourceSignIn,
  type: SnapshotType,
  login: string,
  password: string | null,
): SourceAuth | null => {
  if (password !== null) return { method: 'password', userName: login, password }
  switch (signIn.method) {
    case 'password-of-user':
      throw new AppError('invalid_params', {
        details: {
          reason: `The ${type} of this organization is opened with the user’s own password, and none was given. Create the snapshot again with it.`,
        },
      })
    case 'master-user':
      // The server splits at the separator: a login that has one in it would name another user.
      return login.includes(signIn.separator)
        ? null
        : {
            method: 'password',
            userName: `${login}${signIn.separator}${signIn.masterUser}`,
            password: signIn.password.reveal(),
          }
    case 'service-account':
      return { method: 'password', userName: signIn.userName, password: signIn.password.reveal() }
    case 'plain-authzid':
      return {
        method: 'plain-authzid',
        userName: signIn.userName,
        password: signIn.password.reveal(),
        authorizationId: login,
      }
    case 'xoauth2':
      return {
        method: 'xoauth2',
        userName: login,
        tokenEndpoint: {
          url: signIn.tokenUrl,
          clientId: signIn.clientId,
          clientSecret: signIn.clientSecret.reveal(),
          parameters: signIn.parameters,
        },
      }
  }
}
