import { execFile } from 'node:child_process'
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort, ownFolder, startChild, waitForPort } from './child.ts'

const run = promisify(execFile)
const programs = '/usr/lib/postgresql/15/bin'

export type PostgresServer = {
  /** URL of the database that every cluster has. */
  readonly url: string
  /** An empty database of its own in this cluster. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

/** A cluster of its own, on loopback, without fsync: quick, and gone with `stop`. The server refuses to run as root, so then it runs as `postgres`. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const folder = await ownFolder('postgres')
  const user = process.getuid?.() === 0 ? await idsOf('postgres') : null
  const data = join(folder.path, 'data')
  const sockets = join(folder.path, 'sockets')
  for (const path of [data, sockets]) await mkdir(path, { mode: 0o700 })
  if (user) for (const path of [folder.path, data, sockets]) await chown(path, user.uid, user.gid)

  const superuser = ['-U', 'stillbox']
  await run(
    join(programs, 'initdb'),
    ['-D', data, ...superuser, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'],
    { ...user, cwd: folder.path },
  )
  const port = await freePort()
  const child = startChild(
    join(programs, 'postgres'),
    [
      ...['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', sockets],
      ...['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=60', '-c', 'shared_buffers=32MB'],
    ],
    { ...user, cwd: folder.path },
  )
  try {
    await waitForPort(port, child)
    await untilReady(port)
  } catch (error) {
    await child.stop()
    await folder.remove()
    throw error
  }
  const urlOf = (name: string) => `postgres://stillbox@127.0.0.1:${port}/${name}`
  return {
    url: urlOf('postgres'),
    createDatabase: async (name) => {
      await run(join(programs, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), ...superuser, name])
      return urlOf(name)
    },
    stop: async () => {
      // SIGINT is its fast shutdown; SIGTERM would wait for every client.
      child.kill('SIGINT')
      await child.stop()
      await folder.remove()
    },
  }
}

/** It takes connections before it answers them: "the database system is starting up". */
const untilReady = async (port: number): Promise<void> => {
  const deadline = Date.now() + 20_000
  const isReady = () =>
    run(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    )
  while (!(await isReady())) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL on port ${port} does not become ready`)
    await sleep(50)
  }
}

const idsOf = async (name: string): Promise<{ uid: number; gid: number }> => {
  const idOf = async (kind: '-u' | '-g') => Number((await run('id', [kind, name])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}
