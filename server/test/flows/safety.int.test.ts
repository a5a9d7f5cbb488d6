import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Dovecot, startDovecot } from '../../testkit/servers/dovecot.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import { type Product, startProduct } from '../../testkit/servers/product.ts'

type Asked = { readonly snapshotId: string; readonly statusToken: string }
type Info = {
  readonly state: string
  readonly itemCount: number | null
  readonly error: { readonly code: string } | null
}

const password = 'geheim wie Ümlaut'
const range = { type: 'mailbox', start: '2000-01-01', end: '2100-01-01' }

/** Everything below a folder that others than its owner may read, write or enter; what lies in a closed folder is closed. */
const openToOthers = async (folder: string): Promise<string[]> => {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const isOpen = ((await stat(path)).mode & 0o077) !== 0
    if (isOpen) found.push(path)
    if (isOpen && entry.isDirectory()) found.push(...(await openToOthers(path)))
  }
  return found
}

describe.skipIf(!needs('dovecot') || !needs('postgres'))('with a PostgreSQL server and mail over TLS', () => {
  let dovecot: Dovecot
  let postgres: PostgresServer
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let product: Product
  let config: string
  let client: pg.Client
  const start = () => startProduct({ config, databaseUrl: postgres.url, dataFolder: folder.path })

  beforeAll(async () => {
    folder = await ownFolder('safety')
    ;[dovecot, postgres] = await Promise.all([startDovecot({ users: { anna: password } }), startPostgres()])
    await dovecot.deliver('anna', [], [{ bytes: Buffer.from('Subject: one\r\n\r\nbody\r\n') }])
    await writeFile(join(folder.path, 'ca.pem'), dovecot.ca)
    const mail = { technology: 'imap', host: '127.0.0.1', port: dovecot.tlsPort }
    const directory = { type: 'pattern', login: '{userName}' }
    config = JSON.stringify({
      organizations: [
        { organization: 'trusted', name: 'Trusted', directory, mail: { ...mail, caFile: 'ca.pem' } },
        { organization: 'untrusted', name: 'Untrusted', directory, mail },
      ],
    })
    product = await start()
    client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
  })

  afterAll(async () => {
    await client.end()
    await product.stop()
    await Promise.all([dovecot.stop(), postgres.stop()])
    await folder.remove()
  })

  /** Every row of every table as text, those of the queue included. */
  const wholeDatabase = async (): Promise<string> => {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    )
    const texts: string[] = []
    for (const { name } of rows) {
      const table = await client.query<{ text: string }>(`select t::text as text from ${name} t`)
      texts.push(...table.rows.map(({ text }) => text))
    }
    return texts.join('\n')
  }

  test('a password lives sealed with its job and goes with it, and is written nowhere', async () => {
    const ask = (organization: string, given: string) =>
      product.invoke<Asked>('CreateSnapshot', { organization, userName: 'anna', password: given, ...range })
    const good = await ask('trusted', password)
    const wrong = await ask('trusted', `${password}x`)
    const untrusted = await ask('untrusted', password)
    const over = ['available', 'failed']
    expect(await product.until<Info>(good.snapshotId, over)).toMatchObject({
      error: null,
      state: 'available',
      itemCount: 1,
    })
    expect((await product.until<Info>(wrong.snapshotId, over)).error?.code).toBe('source_sign_in_refused')
    // Its certificate is good, but its authority is nobody's that this organization trusts.
    expect((await product.until<Info>(untrusted.snapshotId, over)).error?.code).toBe('source_certificate')

    const { rows } = await client.query(
      'select count(*)::int as sealed from snapshots where sealed_password is not null',
    )
    expect(rows).toEqual([{ sealed: 0 }])
    const answers = await Promise.all(
      [good, wrong, untrusted].map(({ snapshotId }) => product.invoke('GetSnapshotInfo', { snapshotId })),
    )
    for (const text of [await wholeDatabase(), JSON.stringify(answers), product.output()]) {
      expect(text.length).toBeGreaterThan(100)
      expect(text).not.toContain('geheim')
      expect(text).not.toContain(product.admin.password)
      expect(text).not.toContain(Buffer.from(password).toString('base64').slice(0, 20))
    }
  })

  test('a status token outlives the process, in any case, and is read once', async () => {
    const { statusToken } = await product.invoke<Asked>('CreateSnapshot', {
      organization: 'trusted',
      userName: 'anna',
      password,
      ...range,
    })
    await product.stop()
    expect(await wholeDatabase()).not.toContain(statusToken)
    product = await start()
    const read = async () => {
      const answer = await product.fetch(`/JSON/Status/${statusToken.toLowerCase()}`)
      return answer.ok ? ((await answer.json()) as { status: string }).status : 'refused'
    }
    let status = 'running'
    while (status === 'running') {
      await sleep(50)
      status = await read()
    }
    expect(status).toBe('succeeded')
    expect(await Promise.all([read(), read()])).toEqual(['refused', 'refused'])
  })
})

describe('the embedded database and the sample', () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct()
  })
  afterAll(() => product.stop(), 30_000)

  test('whatever the service keeps is closed to other accounts of the machine', async () => {
    const { snapshotId } = await product.invoke<Asked>('CreateSnapshot', { userName: 'anna@sample.example', ...range })
    await product.until<Info>(snapshotId, ['available'])
    const open = await openToOthers(product.dataFolder)
    expect(open.map((path) => path.slice(product.dataFolder.length + 1))).toEqual(['test.config.yaml'])
  })

  test('a name that no database can hold signs nobody in', async () => {
    const authorization = `Basic ${Buffer.from('admin\0:x').toString('base64')}`
    const answer = await fetch(`${product.url}/JSON/Invoke/GetUserInfo`, { method: 'POST', headers: { authorization } })
    expect(answer.status).toBe(401)
    expect(product.output()).not.toContain('unexpected error')
  })

  test('of two deletions at once one wins', async () => {
    const { snapshotId } = await product.invoke<Asked>('CreateSnapshot', { userName: 'nobody', type: 'calendar' })
    await product.until<Info>(snapshotId, ['failed'])
    const calls = await Promise.allSettled(
      Array.from({ length: 4 }, () => product.invoke<Info>('DeleteSnapshot', { snapshotId })),
    )
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
