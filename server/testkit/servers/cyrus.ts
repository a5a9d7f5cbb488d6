import { execFile } from 'node:child_process'
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, ownFolder, startChild, waitForPort } from './child.ts'
import { createDavClient, type DavClient } from './dav-client.ts'
import { type ImapScript, openImapScript } from './imap-script.ts'

/** Where scripts/setup-servers.sh unpacks Debian's packages: cyrus-imapd conflicts with dovecot-imapd, so it is not installed. */
const root = '/opt/stillbox-cyrus'
const programs = join(root, 'usr/lib/cyrus/bin')

export type Cyrus = {
  readonly host: '127.0.0.1'
  /** IMAP without TLS. The hierarchy separator is `/`; a user's folders are `INBOX` and `INBOX/…`. */
  readonly imapPort: number
  /** Any CalDAV or CardDAV address starts here; with a slash at the end. */
  readonly davUrl: string
  /** May sign in for others by SASL PLAIN with an authorization identity. */
  readonly admin: { readonly userName: string; readonly password: string }
  readonly pid: number
  /** To fill calendars (`/dav/calendars/user/<user>/`) and address books (`/dav/addressbooks/user/<user>/`). */
  as(userName: string): DavClient
  /** An IMAP session signed in as one of the users. */
  imap(userName: string): Promise<ImapScript>
  stop(): Promise<void>
}

/** Cyrus IMAP 3.6 with its CalDAV and CardDAV, on loopback, in a folder of its own. Every user gets a mailbox. */
export const startCyrus = async ({ users }: { readonly users: Readonly<Record<string, string>> }): Promise<Cyrus> => {
  const folder = await ownFolder('cyrus')
  try {
    const [imapPort, httpPort] = [await freePort(), await freePort()]
    const admin = { userName: 'cyrusadmin', password: 'admin-password' }
    const at = (name: string) => join(folder.path, name)
    const isRoot = process.getuid?.() === 0
    // Cyrus refuses to run as root; nobody is on every system.
    const runsAs = isRoot ? 'nobody' : userInfo().username
    for (const name of ['conf', 'conf/socket', 'mail', 'run', 'sieve']) await mkdir(at(name))
    const settings = {
      servername: 'localhost',
      configdirectory: at('conf'),
      defaultpartition: 'default',
      'partition-default': at('mail'),
      proc_path: at('run/proc'),
      mboxname_lockpath: at('run/lock'),
      sievedir: at('sieve'),
      lmtpsocket: at('conf/socket/lmtp'),
      idlesocket: at('conf/socket/idle'),
      notifysocket: at('conf/socket/notify'),
      cyrus_user: runsAs,
      admins: admin.userName,
      unixhierarchysep: 'yes',
      altnamespace: 'no',
      virtdomains: 'off',
      // What it is given is what it must hold: raw 8-bit headers would become X otherwise.
      munge8bit: 'no',
      allowplaintext: 'yes',
      sasl_mech_list: 'PLAIN LOGIN',
      sasl_pwcheck_method: 'auxprop',
      sasl_auxprop_plugin: 'sasldb',
      sasl_sasldb_path: at('sasldb2'),
      httpmodules: 'caldav carddav',
      httpallowcompress: 'no',
    }
    await writeFile(at('imapd.conf'), lines(Object.entries(settings).map((pair) => pair.join(': '))))
    const service = (name: string, port: number) =>
      `  ${name} cmd="${programs}/${name}d -C ${at('imapd.conf')}" listen="127.0.0.1:${port}" prefork=0 maxchild=50`
    await writeFile(
      at('cyrus.conf'),
      lines([
        'START {',
        `  recover cmd="${programs}/ctl_cyrusdb -C ${at('imapd.conf')} -r"`,
        '}',
        'SERVICES {',
        service('imap', imapPort),
        service('http', httpPort),
        '}',
        'EVENTS {',
        '}',
      ]),
    )
    for (const [userName, password] of [...Object.entries(users), [admin.userName, admin.password]]) {
      await setPassword(at('sasldb2'), userName!, password!)
    }
    if (isRoot) await giveAway(folder.path)

    const child = startChild(
      join(programs, 'master'),
      ['-D', '-C', at('imapd.conf'), '-M', at('cyrus.conf'), '-p', at('run/master.pid')],
      {
        cwd: folder.path,
        group: true,
        env: { LD_LIBRARY_PATH: await libraryPath() },
        ...(isRoot ? { uid: nobody, gid: nobody } : {}),
      },
    )
    const stop = async () => {
      await child.stop()
      await folder.remove()
    }
    try {
      await waitForPort(imapPort, child)
      await waitForPort(httpPort, child)
      const session = await openImapScript(imapPort, admin.userName, admin.password)
      for (const userName of Object.keys(users)) await session.run(`CREATE "user/${userName}"`)
      await session.close()
    } catch (error) {
      await stop()
      throw error
    }
    const passwordOf = (userName: string): string => {
      const password = users[userName]
      if (password === undefined) throw new Error(`Cyrus was started without the user ${userName}`)
      return password
    }
    const davUrl = `http://127.0.0.1:${httpPort}/`
    return {
      host: '127.0.0.1',
      imapPort,
      davUrl,
      admin,
      pid: child.pid,
      as: (userName) => createDavClient(davUrl, userName, passwordOf(userName)),
      imap: (userName) => openImapScript(imapPort, userName, passwordOf(userName)),
      stop,
    }
  } catch (error) {
    await folder.remove()
    throw error
  }
}

/** The uid and gid of nobody and nogroup in Debian. */
const nobody = 65_534

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`

const libraryPath = async (): Promise<string> => {
  const folders = (await readdir(join(root, 'usr/lib'))).filter((name) => name.endsWith('-linux-gnu'))
  return folders.map((name) => join(root, 'usr/lib', name)).join(':')
}

/** The realm is the `servername` of the configuration. */
const setPassword = async (database: string, userName: string, password: string): Promise<void> => {
  const running = promisify(execFile)('saslpasswd2', ['-p', '-c', '-f', database, '-u', 'localhost', userName])
  running.child.stdin?.end(password)
  await running
}

const giveAway = async (path: string): Promise<void> => {
  await chown(path, nobody, nobody)
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    await chown(join(entry.parentPath, entry.name), nobody, nobody)
  }
}
