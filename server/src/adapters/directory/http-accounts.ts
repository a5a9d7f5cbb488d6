import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { z } from 'zod'
import type { DirectoryConfig } from '../../config/organization-schema.ts'
import { fillTemplate } from '../../config/placeholders.ts'
import { type FindAccount, nameKey } from './accounts.ts'
import { getJson } from './http-json.ts'
import { encodeForUrl } from './safe-values.ts'

const answerLimitBytes = 1024 * 1024

/** An answer of the OX mailResolver: one entry for each address it knows; an unknown one is simply missing. */
const Resolved = z.record(z.string(), z.unknown())
const Id = z.union([z.int().transform(String), z.string().trim().min(1)])
const ResolvedUser = z.looseObject({ uid: Id.optional(), cid: Id.optional() })

/** Users as an HTTP endpoint in the shape of the OX mailResolver resolves them. */
export const httpAccounts = (config: Extract<DirectoryConfig, { type: 'http' }>): FindAccount => {
  const { ca, basic, timeoutSeconds } = config
  return async (userName, signal) => {
    const filled = fillTemplate(config.url, { userName }, encodeForUrl)
    if (filled === null) return null
    const url = new URL(filled)
    const fail = (reason: string, cause?: unknown) =>
      new AppError('directory_unreachable', { details: { host: url.host, reason }, cause })
    const answer = await getJson(
      {
        url,
        timeoutMs: timeoutSeconds * 1000,
        limitBytes: answerLimitBytes,
        ...(ca === undefined ? {} : { ca }),
        ...(basic ? { basic: { userName: basic.userName, password: basic.password.reveal() } } : {}),
      },
      signal,
    ).catch((cause: unknown) => {
      signal.throwIfAborted()
      throw fail(cause instanceof Error ? cause.message : 'the request failed', cause)
    })
    const users = Resolved.safeParse(answer)
    if (!users.success) throw fail('the answer is not an object of users')
    const entries = Object.entries(users.data)
    const found =
      entries.find(([key]) => key === userName) ?? entries.find(([key]) => nameKey(key) === nameKey(userName))
    if (!found) return null
    const user = ResolvedUser.safeParse(found[1])
    if (!user.success) throw fail('the answer does not describe a user')
    const { uid, cid } = user.data
    const values = {
      userName,
      mail: found[0],
      ...(uid === undefined ? {} : { uid }),
      ...(cid === undefined ? {} : { cid }),
    }
    const login = fillTemplate(config.login, values)
    if (login === null) throw fail('the answer lacks the uid or cid that the login is made of')
    return { ...values, login, logins: {}, passwords: {} }
  }
}
