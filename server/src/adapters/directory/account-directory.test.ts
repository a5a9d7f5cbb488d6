import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { organizationConfigIn } from '../../config/organization-schema.ts'
import { createAccountDirectory } from './account-directory.ts'

let folder: string
let server: Server | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-accounts-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)))
  server = null
})

const organization = OrganizationId.parse('example')
const pattern = { type: 'pattern', login: '{userName}@example.org' }
const imap = { technology: 'imap', host: 'imap.example.org' }
const masterUser = { method: 'master-user', masterUser: 'stillbox', password: 'hunter2' }

const directoryWith = (config: Record<string, unknown>) =>
  createAccountDirectory([
    organizationConfigIn(folder).parse({ organization, name: 'Example', directory: pattern, ...config }),
  ])

type Asked = { userName?: string; types?: SnapshotType[]; password?: string | null; signal?: AbortSignal }
const resolveWith = (config: Record<string, unknown>, asked: Asked = {}) => {
  const { userName = 'anna', types = ['mailbox'], password = null, signal = new AbortController().signal } = asked
  return directoryWith(config).resolve({ organization, userName, types, password }, signal)
}

describe('organizations', () => {
  test('are described, with the mail host as what is limited', () => {
    const directory = directoryWith({ mail: imap, contacts: { technology: 'dav', url: 'https://dav.example.org/' } })
    expect(directory.organizations()).toEqual([
      {
        organization: 'example',
        name: 'Example',
        types: ['mailbox', 'contacts'],
        userNameHint: null,
        isSample: false,
        limitGroup: 'imap.example.org:993',
        maxCapturesAtOnce: 4,
      },
    ])
  })

  test('one that is not configured, or lacks the wanted source, is refused by code', async () => {
    await expect(resolveWith({ mail: imap }, { types: ['calendar'] })).rejects.toMatchObject({
      code: 'source_missing',
      details: { organization: 'example', type: 'calendar' },
    })
    const other = { organization: OrganizationId.parse('other'), userName: 'anna', types: [], password: null }
    await expect(directoryWith({ mail: imap }).resolve(other, new AbortController().signal)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('the sign-in', () => {
  const authOf = async (signIn: unknown, asked?: Asked) => {
    const [spec] = await resolveWith({ mail: { ...imap, ...(signIn ? { signIn } : {}) } }, asked)
    return spec && 'auth' in spec ? spec.auth : null
  }
  test('of a master user carries the login before the separator', async () => {
    expect(await authOf(masterUser)).toEqual({
      method: 'password',
      userName: 'anna@example.org*stillbox',
      password: 'hunter2',
    })
  })
  test('with an authorization identity', async () => {
    expect(await authOf({ method: 'plain-authzid', userName: 'stillbox', password: 'hunter2' })).toEqual({
      method: 'plain-authzid',
      userName: 'stillbox',
      password: 'hunter2',
      authorizationId: 'anna@example.org',
    })
  })
  test('with a token leaves the placeholders of the token request to the source', async () => {
    const signIn = {
      method: 'xoauth2',
      tokenUrl: 'https://login.example.org/token',
      clientId: 'stillbox',
      clientSecret: 'hunter2',
      parameters: { subject: '{userName}' },
    }
    expect(await authOf(signIn)).toEqual({
      method: 'xoauth2',
      userName: 'anna@example.org',
      tokenEndpoint: {
        url: 'https://login.example.org/token',
        clientId: 'stillbox',
        clientSecret: 'hunter2',
        parameters: { subject: '{userName}' },
      },
    })
  })
  test('gives way to a password that comes with the call', async () => {
    const own = { method: 'password', userName: 'anna@example.org', password: 'own' }
    expect(await authOf(masterUser, { password: 'own' })).toEqual(own)
    expect(await authOf(null, { password: 'own' })).toEqual(own)
  })
  test('says that a password is missing where only the user’s own opens the source', async () => {
    await expect(authOf(null)).rejects.toMatchObject({ code: 'invalid_params' })
  })
})

describe('a user name cannot leave its place', () => {
  const files = { mail: { technology: 'directory', path: 'mail/{userName}/Maildir' } }
  const dav = {
    mail: imap,
    calendar: { technology: 'dav', url: 'https://dav.example.org/cal/{userName}/', signIn: masterUser },
  }

  test.each(['../anna', '..', '.', 'a/../../b', 'a/b', 'a\\b', '/etc', '.hidden', 'a\0b', '\ud800'])(
    '%j in a path',
    async (userName) => {
      mkdirSync(join(folder, 'mail/anna/Maildir'), { recursive: true })
      await expect(resolveWith(files, { userName })).rejects.toMatchObject({ code: 'user_unknown' })
    },
  )
  test.each(['..', '.', '../x', 'a/../b', '..\\x', 'a\r\nb', '\ud800'])('%j in a URL', async (userName) => {
    await expect(resolveWith(dav, { userName, types: ['calendar'] })).rejects.toMatchObject({ code: 'user_unknown' })
  })
  test.each(['a/b', 'a?b#c', 'a b%2e', 'Jürgen@x', 'a:b@evil.example', '$&'])(
    '%j in a URL is one encoded segment',
    async (userName) => {
      const [spec] = await resolveWith(dav, { userName, types: ['calendar'] })
      if (spec?.technology !== 'dav') throw new Error('not a DAV source')
      const url = new URL(spec.url)
      expect(url.host).toBe('dav.example.org')
      expect(url.pathname.split('/')).toHaveLength(4)
      expect(decodeURIComponent(url.pathname.split('/')[2]!)).toBe(userName)
    },
  )
  test('into a sign-in as another user', async () => {
    await expect(
      resolveWith({ mail: { ...imap, signIn: masterUser } }, { userName: 'victim*x' }),
    ).rejects.toMatchObject({ code: 'user_unknown' })
  })
  test('a user without a folder is unknown, one with a folder is not', async () => {
    await expect(resolveWith(files)).rejects.toMatchObject({ code: 'user_unknown', details: { userName: 'anna' } })
    mkdirSync(join(folder, 'mail/anna/Maildir'), { recursive: true })
    expect(await resolveWith(files)).toEqual([
      { technology: 'directory', kind: 'mail', path: join(folder, 'mail/anna/Maildir') },
    ])
  })
})

describe('a CSV file', () => {
  const config = {
    directory: { type: 'csv', file: 'users.csv' },
    mail: imap,
    calendar: { technology: 'dav', url: 'https://dav.example.org/{login}/', signIn: masterUser },
  }
  const write = (text: string) => writeFileSync(join(folder, 'users.csv'), text)

  test('gives logins and passwords by type, names without case', async () => {
    write('userName,login,calendarLogin,mailPassword\r\nK-4711,anna@example.org,anna.cal,"a ""b"", c "\r\n')
    const [mail, calendar] = await resolveWith(config, { userName: 'k-4711', types: ['mailbox', 'calendar'] })
    expect(mail).toMatchObject({ auth: { method: 'password', userName: 'anna@example.org', password: 'a "b", c ' } })
    expect(calendar).toMatchObject({
      url: 'https://dav.example.org/anna.cal/',
      auth: { userName: 'anna.cal*stillbox' },
    })
  })
  test('is read again when it changes', async () => {
    const directory = directoryWith({ ...config, mail: { ...imap, signIn: masterUser } })
    const ask = () =>
      directory.resolve(
        { organization, userName: 'anna', types: ['mailbox'], password: null },
        new AbortController().signal,
      )
    write('userName,login\nbruno,b\n')
    await expect(ask()).rejects.toMatchObject({ code: 'user_unknown' })
    write('userName,login\nanna,a1\n')
    utimesSync(join(folder, 'users.csv'), 1, 1)
    expect(await ask()).toMatchObject([{ auth: { userName: 'a1*stillbox' } }])
    write('userName,login\nanna,a2\n')
    utimesSync(join(folder, 'users.csv'), 2, 2)
    expect(await ask()).toMatchObject([{ auth: { userName: 'a2*stillbox' } }])
  })
  test('that is missing or wrong is a directory that cannot be reached, with the line', async () => {
    await expect(resolveWith(config)).rejects.toMatchObject({
      code: 'directory_unreachable',
      details: { host: 'users.csv' },
    })
    write('userName,login\nanna\n')
    await expect(resolveWith(config)).rejects.toMatchObject({
      code: 'directory_unreachable',
      details: { reason: 'line 2: 1 fields where the first line names 2 columns' },
    })
    writeFileSync(join(folder, 'users.csv'), Buffer.from([0x75, 0xff, 0xfe]))
    await expect(resolveWith(config)).rejects.toMatchObject({ details: { reason: 'the file is not UTF-8' } })
  })
})

describe('an HTTP endpoint', () => {
  const serve = async (listener: RequestListener, http: Record<string, unknown> = {}) => {
    server = createServer(listener)
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return {
      directory: { type: 'http', url: `http://127.0.0.1:${port}/resolve/{userName}`, login: '{uid}@{cid}', ...http },
      mail: { ...imap, signIn: masterUser },
    }
  }
  const answering =
    (status: number, body: unknown): RequestListener =>
    (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
  const asked = { userName: 'Anna@ctx.example' }
  const known = { 'anna@ctx.example': { uid: 3, cid: 1, user: { language: 'en_US', displayName: 'Anna' } } }

  test('gives uid and cid, names without case, and is asked with the credentials', async () => {
    const seen: unknown[] = []
    const config = await serve(
      (request, response) => {
        seen.push(request.url, request.headers.authorization)
        answering(200, known)(request, response)
      },
      { userName: 'rest', password: 'geheim ü' },
    )
    expect(await resolveWith(config, asked)).toMatchObject([{ auth: { userName: '3@1*stillbox' } }])
    expect(seen).toEqual(['/resolve/Anna%40ctx.example', `Basic ${Buffer.from('rest:geheim ü').toString('base64')}`])
  })
  test('with a login out of the address', async () => {
    const config = await serve(answering(200, known), { login: '{mail}' })
    expect(await resolveWith(config, asked)).toMatchObject([{ auth: { userName: 'anna@ctx.example*stillbox' } }])
  })
  test.each([[{}], [{ 'bruno@ctx.example': { uid: 4, cid: 1 } }]])(
    'that leaves the user out knows nobody: %j',
    async (body) => {
      const config = await serve(answering(200, body))
      await expect(resolveWith(config, asked)).rejects.toMatchObject({ code: 'user_unknown' })
    },
  )
  test('two names in one are not taken apart', async () => {
    const config = await serve(answering(200, known))
    await expect(resolveWith(config, { userName: 'anna@ctx.example;x' })).rejects.toMatchObject({
      code: 'user_unknown',
    })
  })
  test.each([
    ['a refusal', 401, {}, 'HTTP 401'],
    ['a failure', 500, {}, 'HTTP 500'],
    ['a wrong path', 404, {}, 'HTTP 404'],
    ['a redirect', 302, {}, 'HTTP 302'],
    ['no JSON', 200, '<html>', 'the answer is not JSON'],
    ['a list', 200, [], 'the answer is not an object of users'],
    ['no user', 200, { 'anna@ctx.example': 'yes' }, 'the answer does not describe a user'],
    [
      'a user without ids',
      200,
      { 'anna@ctx.example': {} },
      'the answer lacks the uid or cid that the login is made of',
    ],
    ['too much', 200, `"${'x'.repeat(2_000_000)}"`, 'the answer is larger than 1048576 bytes'],
  ])('%s is a directory that cannot be reached', async (_, status, body, reason) => {
    const config = await serve(answering(status, body))
    await expect(resolveWith(config, asked)).rejects.toMatchObject({
      code: 'directory_unreachable',
      details: { reason },
    })
  })
  test('a cut connection, silence and a stopped server are told apart from an unknown user', async () => {
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"a')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(resolveWith(cut, asked)).rejects.toMatchObject({ code: 'directory_unreachable' })
    server?.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
    await expect(resolveWith(cut, asked)).rejects.toMatchObject({ details: { reason: 'ECONNREFUSED' } })
    const silent = await serve(() => {}, { timeoutSeconds: 1 })
    await expect(resolveWith(silent, asked)).rejects.toMatchObject({
      details: { reason: 'no answer within 1 seconds' },
    })
  })
  test('an abort ends the waiting with its reason', async () => {
    const controller = new AbortController()
    const config = await serve(() => controller.abort(new Error('enough')))
    await expect(resolveWith(config, { ...asked, signal: controller.signal })).rejects.toThrow('enough')
  })
})
