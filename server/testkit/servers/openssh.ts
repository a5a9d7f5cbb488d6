import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Child, freePort, ownFolder, startChild, waitForPort } from './child.ts'

const run = promisify(execFile)
const nobody = 65_534

export type OpensshOptions = {
  /** Offers the SFTP subsystem; without it there are commands only, and so `scp`. True by default. */
  readonly sftp?: boolean
  /** Whom to let in, by key. The one who runs the tests by default; `nobody` (root only) has no shell, so SFTP is all there is. */
  readonly userName?: string
  /** Runs every command as nobody (root only). */
  readonly commandsAsNobody?: boolean
  /** Further lines for sshd_config. */
  readonly settings?: readonly string[]
}

export type Openssh = {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly userName: string
  readonly pid: number
  /** A key it lets in, in OpenSSH's form, and the file that holds it. */
  readonly privateKey: string
  readonly privateKeyPath: string
  /** A folder the user may write in. */
  readonly folder: string
  output(): string
  /** As `ssh-keygen -l` prints them, in the order Ed25519, RSA. */
  fingerprints(hash: 'sha256' | 'md5'): Promise<readonly string[]>
  /** Lets another key in as well: a line of authorized_keys. */
  authorize(publicKeyLine: string): Promise<void>
  /** New host keys on the same port, as a machine would show that is somebody else. */
  swapHostKeys(): Promise<void>
  /** Cuts all connections hard, and goes on listening. */
  cutSessions(): Promise<void>
  /** Mounts a disk of its own into `folder` and names it (root only). */
  smallDisk(sizeBytes: number): Promise<string>
  stop(): Promise<void>
}

/** Processes below one, from the leaves up. */
const descendants = async (pid: number): Promise<number[]> => {
  const childrenOf = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => null)
    if (stat === null) continue
    // The command may hold anything, parentheses too; the fields begin after the last one.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)])
  }
  const below = (one: number): number[] => (childrenOf.get(one) ?? []).flatMap((child) => [...below(child), child])
  return below(pid)
}

const killAll = (pids: readonly number[]) => {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
}

const makeKey = async (path: string, type: 'ed25519' | 'rsa'): Promise<void> => {
  await rm(path, { force: true })
  await rm(`${path}.pub`, { force: true })
  await run('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-C', '', '-f', path])
}

/** An OpenSSH sshd of our own on loopback, with host keys, users' keys and an upload folder of its own. */
export const startOpenssh = async (options: OpensshOptions = {}): Promise<Openssh> => {
  const { sftp = true, userName = userInfo().username, commandsAsNobody = false, settings = [] } = options
  const own = await ownFolder('openssh')
  const at = (name: string) => join(own.path, name)
  const hostKeys = [at('host_ed25519'), at('host_rsa')] as const
  const makeHostKeys = async () => {
    await makeKey(hostKeys[0], 'ed25519')
    await makeKey(hostKeys[1], 'rsa')
  }
  let child: Child | null = null
  const disks: string[] = []
  const stop = async () => {
    if (child) {
      const sessions = await descendants(child.pid)
      await child.stop()
      killAll(sessions)
    }
    for (const disk of disks) await run('umount', ['-l', disk])
    await own.remove()
  }
  try {
    // Privilege separation has its folder compiled in; a package's service would make it at its start.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
    await chmod(own.path, 0o755)
    await mkdir(at('upload'))
    if (userName === 'nobody' || commandsAsNobody) await chown(at('upload'), nobody, nobody)
    await makeHostKeys()
    await makeKey(at('user_key'), 'ed25519')
    await writeFile(at('authorized_keys'), await readFile(at('user_key.pub')), { mode: 0o644 })
    const port = await freePort()
    const dropped = `setpriv --reuid=${nobody} --regid=${nobody} --clear-groups /bin/sh -c "$SSH_ORIGINAL_COMMAND"`
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map((path) => `HostKey ${path}`),
      'PidFile none',
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      `AllowUsers ${userName}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'MaxStartups 100',
      'UseDNS no',
      'LogLevel ERROR',
      // For a shell of the first level that sshd starts, bash reads ~/.bashrc, which may take long and print anything.
      'SetEnv SHLVL=1',
      ...(sftp ? ['Subsystem sftp internal-sftp'] : []),
      ...(commandsAsNobody ? [`ForceCommand ${dropped}`] : []),
      ...settings,
    ]
    await writeFile(at('sshd_config'), `${lines.join('\n')}\n`)
    const start = async () => {
      child = startChild('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')])
      await waitForPort(port, child)
      return child
    }
    let running = await start()
    return {
      host: '127.0.0.1',
      port,
      userName,
      get pid() {
        return running.pid
      },
      privateKey: await readFile(at('user_key'), 'utf8'),
      privateKeyPath: at('user_key'),
      folder: at('upload'),
      output: () => running.output(),
      fingerprints: async (hash) => {
        const printed = await Promise.all(hostKeys.map((path) => run('ssh-keygen', ['-l', '-E', hash, '-f', path])))
        return printed.map(({ stdout }) => stdout.split(' ')[1]!)
      },
      authorize: (line) => writeFile(at('authorized_keys'), `${line.trim()}\n`, { flag: 'a' }),
      swapHostKeys: async () => {
        const sessions = await descendants(running.pid)
        await running.stop()
        killAll(sessions)
        await makeHostKeys()
        running = await start()
      },
      cutSessions: async () => killAll(await descendants(running.pid)),
      smallDisk: async (sizeBytes) => {
        const disk = at(`disk-${disks.length}`)
        await mkdir(disk)
        await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0777`, 'tmpfs', disk])
        disks.push(disk)
        return disk
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
