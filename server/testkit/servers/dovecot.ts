import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCertificate } from './certificate.ts'
import { type Child, freePort, ownFolder, startChild, waitForPort } from './child.ts'

const run = promisify(execFile)

export type DovecotOptions = {
  /** User name to password. */
  readonly users: Readonly<Record<string, string>>
  /** Masters that may sign in for every user: `user*master`, or PLAIN with an authorization identity. */
  readonly masters?: Readonly<Record<string, string>>
  /** Hierarchy delimiter of the only namespace; `/` by default. */
  readonly delimiter?: string
  /** Prefix of the personal namespace, as `INBOX.`; none by default. */
  readonly prefix?: string
  /** Adds a public namespace `Public/` that is nobody's own. */
  readonly withPublic?: boolean
  /** Offers COMPRESS=DEFLATE. */
  readonly compress?: boolean
  /** Connections of one user and address at a time. */
  readonly maxConnections?: number
}

export type DeliveredMessage = {
  readonly bytes: Uint8Array
  /** INTERNALDATE in ms since 1970, whole seconds. */
  readonly receivedAtMs?: number
  /** Maildir letters: S seen, R answered, F flagged, T deleted, D draft; a to z are keywords of the folder. */
  readonly letters?: string
}

export type Dovecot = {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly tlsPort: number
  /** PEM of the authority that signed the server's certificate for `localhost` and 127.0.0.1. */
  readonly ca: string
  readonly pid: number
  output(): string
  /** SIGKILL to the master and all its processes; what it holds stays, for `revive`. */
  crash(): Promise<void>
  /** Starts it again on the same ports and the same mail. */
  revive(): Promise<void>
  /** Folder on disk of a user's mail folder; `[]` is INBOX. */
  maildirOf(user: string, path: readonly string[]): string
  /** Writes messages straight into a Maildir (made when it is missing), as `cur` files; names come back in order. */
  deliver(user: string, path: readonly string[], messages: Iterable<DeliveredMessage>): Promise<string[]>
  /** Puts one into `new`, as a delivery agent does: it is \Recent until somebody SELECTs. */
  deliverNew(user: string, path: readonly string[], bytes: Uint8Array): Promise<string>
  /** Every message file below a user's mail, relative, with its flags in the name: what must not change. */
  fileNames(user: string): Promise<string[]>
  /** What a folder holds: its messages with CRLF line ends, in no order. */
  readBack(user: string, path: readonly string[]): Promise<Buffer[]>
  doveadm(...args: string[]): Promise<string>
  stop(): Promise<void>
  /** Hard: SIGKILL to the master and all its processes. */
  kill(): Promise<void>
}

/** Modified UTF-7 (RFC 3501 §5.1.3), as Dovecot names its folders on disk. */
const toModifiedUtf7 = (text: string): string =>
  text.replace(/&|[^\u0020-\u007e]+/g, (run) =>
    run === '&'
      ? '&-'
      : `&${Buffer.from(run, 'utf16le').swap16().toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`,
  )

const passwordFile = (users: Readonly<Record<string, string>>): string =>
  `${Object.entries(users)
    .map(([name, password]) => `${name}:{PLAIN}${password}`)
    .join('\n')}\n`

const configuration = (folder: string, ports: { imap: number; imaps: number }, options: DovecotOptions): string => {
  const isRoot = process.getuid?.() === 0
  const me = userInfo().username
  const { delimiter = '/', prefix = '', compress = false, withPublic = false, maxConnections = 50 } = options
  const publicNamespace = `namespace public {
  type = public
  separator = ${delimiter}
  prefix = Public${delimiter}
  location = maildir:${folder}/public:LAYOUT=fs
  list = yes
  subscriptions = no
}`
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
instance_name = stillbox-test
protocols = imap
listen = 127.0.0.1
log_path = /dev/stderr
default_internal_user = ${isRoot ? 'dovecot' : me}
default_login_user = ${isRoot ? 'dovenull' : me}
${isRoot ? '' : 'default_internal_group = \n'}disable_plaintext_auth = no
auth_mechanisms = plain login
auth_master_user_separator = *
auth_failure_delay = 0
mail_location = maildir:${folder}/mail/%u
mail_uid = ${isRoot ? 'mail' : me}
mail_gid = ${isRoot ? 'mail' : String(userInfo().gid)}
first_valid_uid = 1
maildir_stat_dirs = yes
mail_max_userip_connections = ${maxConnections}
ssl = yes
ssl_cert = <${folder}/tls.pem
ssl_key = <${folder}/tls.key
passdb {
  driver = passwd-file
  args = ${folder}/masters
  master = yes
  result_success = continue
}
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = home=${folder}/home/%u
}
namespace inbox {
  inbox = yes
  separator = ${delimiter}
  prefix = ${prefix}
  mailbox Sent {
    special_use = \\Sent
  }
  mailbox Trash {
    special_use = \\Trash
  }
}
${withPublic ? publicNamespace : ''}
service imap-login {
  ${isRoot ? '' : 'chroot =\n'}
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
  process_min_avail = 1
}
service anvil {
  ${isRoot ? '' : 'chroot =\n'}
}
service stats {
  ${isRoot ? '' : 'chroot =\n'}
}
protocol imap {
  mail_plugins = ${compress ? 'imap_zlib zlib' : ''}
}
`
}

/** A Dovecot of our own with Maildir++ storage, on loopback, in a folder of its own. */
export const startDovecot = async (options: DovecotOptions): Promise<Dovecot> => {
  const folder = await ownFolder('dovecot')
  // Its login processes run as another user and have to get through here.
  await chmod(folder.path, 0o755)
  const isRoot = process.getuid?.() === 0
  const mailUid = isRoot ? 8 : (process.getuid?.() ?? 0)
  const mailGid = isRoot ? 8 : (process.getgid?.() ?? 0)
  const { ca } = await makeCertificate(folder.path)
  const ports = { imap: await freePort(), imaps: await freePort() }
  const mailRoot = join(folder.path, 'mail')
  const makeOwned = async (path: string) => {
    await mkdir(path, { recursive: true })
    if (isRoot) await chown(path, mailUid, mailGid)
  }
  for (const name of ['mail', 'home', 'public']) await makeOwned(join(folder.path, name))
  await writeFile(join(folder.path, 'users'), passwordFile(options.users))
  await writeFile(join(folder.path, 'masters'), passwordFile(options.masters ?? {}))
  const configurationPath = join(folder.path, 'dovecot.conf')
  await writeFile(configurationPath, configuration(folder.path, ports, options))
  const launch = async (): Promise<Child> => {
    const started = startChild('/usr/sbin/dovecot', ['-F', '-c', configurationPath])
    try {
      await waitForPort(ports.imap, started)
      return started
    } catch (cause) {
      await started.stop()
      await folder.remove()
      throw cause
    }
  }
  let child = await launch()

  const prefixSegments = (options.prefix ?? '').split(options.delimiter ?? '/').filter((segment) => segment !== '')
  const maildirOf = (user: string, path: readonly string[]): string => {
    const below = prefixSegments.length > 0 && path[0] === prefixSegments[0] ? path.slice(prefixSegments.length) : path
    const isInbox = below.length === 0 || (below.length === 1 && below[0] === 'INBOX')
    return join(mailRoot, user, isInbox ? '' : `.${below.map(toModifiedUtf7).join('.')}`)
  }
  const made = new Set<string>()
  const ensureMaildir = async (user: string, path: readonly string[]): Promise<string> => {
    const maildir = maildirOf(user, path)
    if (made.has(maildir)) return maildir
    await makeOwned(join(mailRoot, user))
    await makeOwned(maildir)
    for (const part of ['cur', 'new', 'tmp']) await makeOwned(join(maildir, part))
    made.add(maildir)
    return maildir
  }
  let sequence = 0
  const write = async (maildir: string, place: 'cur' | 'new', message: DeliveredMessage): Promise<string> => {
    const seconds = Math.floor((message.receivedAtMs ?? 1_700_000_000_000 + sequence * 60_000) / 1_000)
    // The names sort in order of delivery, which is the order Dovecot gives out UIDs in.
    const base = `1700000000.${String(++sequence).padStart(8, '0')}.test`
    const name = place === 'new' ? base : `${base}:2,${[...(message.letters ?? '')].sort().join('')}`
    const temporary = join(maildir, 'tmp', base)
    await writeFile(temporary, message.bytes)
    if (isRoot) await chown(temporary, mailUid, mailGid)
    await utimes(temporary, seconds, seconds)
    await rename(temporary, join(maildir, place, name))
    return name
  }
  const messageFiles = async (maildir: string): Promise<string[]> => {
    const names: string[] = []
    for (const part of ['cur', 'new']) {
      const files = await readdir(join(maildir, part)).catch(() => [])
      names.push(...files.map((file) => join(part, file)))
    }
    return names
  }
  const crash = async () => {
    const children = await childrenOf(child.pid)
    child.kill('SIGKILL')
    for (const pid of children) tryKill(pid)
    await child.exited
  }
  let isGone = false
  const end = async (stop: () => Promise<void>) => {
    if (isGone) return
    isGone = true
    await stop()
    await folder.remove()
  }
  return {
    host: '127.0.0.1',
    port: ports.imap,
    tlsPort: ports.imaps,
    ca,
    get pid() {
      return child.pid
    },
    output: () => child.output(),
    crash,
    revive: async () => {
      child = await launch()
    },
    maildirOf,
    deliver: async (user, path, messages) => {
      const maildir = await ensureMaildir(user, path)
      const names: string[] = []
      let writing: Promise<string>[] = []
      for (const message of messages) {
        writing.push(write(maildir, 'cur', message))
        if (writing.length < 32) continue
        names.push(...(await Promise.all(writing)))
        writing = []
      }
      return [...names, ...(await Promise.all(writing))]
    },
    deliverNew: async (user, path, bytes) => write(await ensureMaildir(user, path), 'new', { bytes }),
    fileNames: async (user) => {
      const root = join(mailRoot, user)
      const folders = (await readdir(root, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory() && entry.name.startsWith('.'))
        .map((entry) => entry.name)
      const names: string[] = []
      for (const name of ['', ...folders])
        names.push(...(await messageFiles(join(root, name))).map((file) => join(name, file)))
      return names.sort()
    },
    readBack: async (user, path) => {
      const maildir = maildirOf(user, path)
      const files = await messageFiles(maildir)
      return Promise.all(
        files.map(async (file) => {
          const text = (await readFile(join(maildir, file))).toString('latin1')
          return Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1')
        }),
      )
    },
    doveadm: async (...args) => (await run('doveadm', ['-c', configurationPath, ...args])).stdout,
    stop: () => end(() => child.stop()),
    kill: () => end(crash),
  }
}

const tryKill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone with its master already.
  }
}

/** Processes whose parent is `pid`, from /proc: Dovecot's workers live on for a while when their master is killed. */
const childrenOf = async (pid: number): Promise<number[]> => {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '')
    // The command in parentheses may hold anything; the parent is the second field after it.
    if (line.slice(line.lastIndexOf(')') + 2).split(' ')[1] === String(pid)) found.push(Number(name))
  }
  return found
}
