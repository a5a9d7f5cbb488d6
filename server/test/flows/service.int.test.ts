import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Child, freePort, ownFolder, startChild } from '../../testkit/servers/child.ts'
import { unpack } from '../../testkit/unpack.ts'

const repository = join(import.meta.dirname, '../../..')
const node = ['--disable-warning=ExperimentalWarning']

describe('the service', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let data: string
  let children: Child[]
  beforeEach(async () => {
    folder = await ownFolder('service')
    data = join(folder.path, 'data')
    children = []
  })
  afterEach(async () => {
    for (const child of children) await child.stop()
    await folder.remove()
  })

  const start = (port: number, env: Readonly<Record<string, string>> = {}): Child => {
    const child = startChild(process.execPath, [...node, 'server/src/main.ts'], {
      cwd: repository,
      graceMs: 20_000,
      env: {
        STILLBOX_HOST: '127.0.0.1',
        STILLBOX_PORT: String(port),
        STILLBOX_DATA_DIR: data,
        STILLBOX_CONFIG: '',
        STILLBOX_ADMIN_PASSWORD: '',
        DATABASE_URL: '',
        ...env,
      },
    })
    children.push(child)
    return child
  }
  const isReady = (child: Child) =>
    expect.poll(child.output, { timeout: 60_000, interval: 100 }).toContain('Stillbox is ready')
  const passwordsIn = (output: string) => [...output.matchAll(/with the password (\S{20,})/g)].map((match) => match[1]!)
  const stillbox = (...args: readonly string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      execFile(
        process.execPath,
        [...node, 'server/src/cli.ts', ...args],
        { cwd: repository, env: { PATH: process.env.PATH, STILLBOX_DATA_DIR: data } },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      )
    })

  it('does not start with wrong settings, and lists every one', async () => {
    const config = join(folder.path, 'wrong.yaml')
    await writeFile(config, 'limits:\n  capturesAtOnce: 0\nlogLevl: info\n')
    const child = start(1, {
      STILLBOX_PORT: 'many',
      STILLBOX_ADMIN_PASSWORD: 'short',
      DATABASE_URL: 'mysql://u:of-the-database@db/x',
      STILLBOX_CONFIG: config,
    })
    expect(await child.exited).toBe(1)
    for (const name of ['STILLBOX_PORT', 'STILLBOX_ADMIN_PASSWORD', 'DATABASE_URL', 'capturesAtOnce', 'logLevl'])
      expect(child.output()).toContain(name)
    expect(child.output()).not.toMatch(/\n\s+at /)
    expect(child.output()).not.toContain('of-the-database')
    await expect(readdir(data)).rejects.toThrow('ENOENT')
  })

  it('starts, works, stops, and is found again by its archives', async () => {
    // The port is taken at the very first start: the password made then must not be lost.
    const port = await freePort()
    const other = createServer().listen(port, '127.0.0.1')
    const refused = start(port)
    expect(await refused.exited).toBe(1)
    await new Promise((resolve) => other.close(resolve))
    expect(refused.output()).toMatch(/another program listens on .* Set STILLBOX_PORT|STILLBOX_PORT to a free port/)
    expect(refused.output()).not.toMatch(/\n\s+at /)
    const [password, ...more] = passwordsIn(refused.output())
    expect(password).toBeDefined()
    expect(more).toEqual([])

    const service = start(port)
    await isReady(service)
    expect(passwordsIn(service.output())).toEqual([])
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
    const invoke = async (method: string, params: Record<string, string>) => {
      const answer = await fetch(`http://127.0.0.1:${port}/JSON/Invoke/${method}`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams(params),
      })
      expect(answer.status).toBe(200)
      return (await answer.json()) as Record<string, unknown>
    }
    const { snapshotId } = await invoke('CreateSnapshot', {
      userName: 'anna@sample.example',
      type: 'mailbox,calendar,contacts',
      start: '2020-01-01',
      end: '2030-01-01',
      password: 'of-the-mailbox',
    })

    const second = start(await freePort())
    expect(await second.exited).toBe(1)
    expect(second.output()).toMatch(/in use by another Stillbox process/)
    expect(passwordsIn(second.output())).toEqual([])

    await expect
      .poll(async () => (await invoke('GetSnapshotInfo', { snapshotId: String(snapshotId) })).state, {
        timeout: 30_000,
        interval: 200,
      })
      .toBe('available')
    const busy = await stillbox('rebuild')
    expect(busy.code).toBe(2)
    expect(busy.output).toMatch(/in use by another Stillbox process/)

    const stoppedAt = performance.now()
    service.kill('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(performance.now() - stoppedAt).toBeLessThan(8_000)
    for (const secret of [password!, 'of-the-mailbox', 'PRIVATE KEY', 'anna@'])
      expect(service.output().replace('sample user anna@sample.example', '')).not.toContain(secret)
    expect(service.output()).not.toMatch(/Warning/)

    const archive = join(data, 'archives', `${snapshotId}.zip`)
    expect((await stillbox('verify', archive)).code).toBe(0)
    const { manifest } = await unpack(archive, join(folder.path, 'unpacked'))
    expect(manifest.folders.length).toBeGreaterThan(3)
    expect(await readdir(join(data, 'work'))).toEqual([])

    await rm(join(data, 'database'), { recursive: true })
    await writeFile(join(data, 'archives', '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2.zip'), 'no archive')
    const rebuilt = await stillbox('rebuild')
    expect(rebuilt.output).toMatch(/1 snapshot restored from archives, 0 known already, 1 not readable/)
    expect(rebuilt.output).toContain('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2: ')
    expect(rebuilt.code).toBe(1)
    expect((await stillbox('rebuild')).output).toMatch(/0 snapshots restored from archives, 1 known already/)
    expect((await readFile(archive)).length).toBeGreaterThan(1_000)
  })
})
