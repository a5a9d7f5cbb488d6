import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeCertificate } from './certificate.ts'
import { freePort, ownFolder, startChild, waitForPort } from './child.ts'
import { createDavClient, type DavClient } from './dav-client.ts'

export type Radicale = {
  /** With a slash at the end; principals lie directly below it. */
  readonly url: string
  /** Where the server keeps its collections: `<user>/<collection>/<object>` below it. */
  readonly collectionsPath: string
  readonly pid: number
  /** PEM of the authority to trust, with `tls`. */
  readonly ca: string | undefined
  /** To fill it and to read it back as one of its users. */
  as(userName: string): DavClient
  stop(): Promise<void>
}

export type RadicaleOptions = {
  /** User name to password. */
  readonly users: Readonly<Record<string, string>>
  /** With a certificate for 127.0.0.1 by an authority of its own. */
  readonly tls?: boolean
}

/** Radicale 3 on loopback with a storage of its own, signing in by a plain htpasswd file. */
export const startRadicale = async ({ users, tls = false }: RadicaleOptions): Promise<Radicale> => {
  const folder = await ownFolder('radicale')
  try {
    const port = await freePort()
    const storage = join(folder.path, 'storage')
    const file = (name: string) => join(folder.path, name)
    await mkdir(storage)
    await writeFile(
      file('users'),
      Object.entries(users)
        .map((pair) => `${pair.join(':')}\n`)
        .join(''),
    )
    const made = tls ? await makeCertificate(folder.path) : null
    const config = {
      server: {
        hosts: `127.0.0.1:${port}`,
        ...(made ? { ssl: 'True', certificate: made.certificatePath, key: made.keyPath } : {}),
      },
      auth: { type: 'htpasswd', htpasswd_filename: file('users'), htpasswd_encryption: 'plain', delay: '0' },
      rights: { type: 'owner_only' },
      storage: { filesystem_folder: storage },
      web: { type: 'none' },
      logging: { level: 'warning' },
    }
    const lines = Object.entries(config).flatMap(([section, settings]) => [
      `[${section}]`,
      ...Object.entries(settings).map((pair) => pair.join(' = ')),
    ])
    await writeFile(file('config'), `${lines.join('\n')}\n`)
    const child = startChild('/usr/bin/radicale', ['--config', file('config')], { cwd: folder.path })
    try {
      await waitForPort(port, child)
    } catch (error) {
      await child.stop()
      throw error
    }
    const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`
    return {
      url,
      pid: child.pid,
      ca: made?.ca,
      collectionsPath: join(storage, 'collection-root'),
      as: (userName) => {
        const password = users[userName]
        if (password === undefined) throw new Error(`Radicale was started without the user ${userName}`)
        return createDavClient(url, userName, password, made?.ca)
      },
      stop: async () => {
        await child.stop()
        await folder.remove()
      },
    }
  } catch (error) {
    await folder.remove()
    throw error
  }
}
