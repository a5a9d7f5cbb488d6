import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type PeerAccount = {
  readonly host: string
  readonly port: number
  readonly userName: string
  readonly password: string
}
export type PeerRun = {
  readonly wallMs: number
  /** Of the largest of its processes; they run one after the other. */
  readonly peakRssBytes: number
  readonly archiveBytes: number
  /** Wall time of its two steps. */
  readonly mbsyncMs: number
  readonly zipMs: number
}

/** Highest resident size so far, of a process and of itself alone; 0 once it is gone. */
const peakRss = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}

/** Runs a program to its end. The kernel keeps the peak itself, so looking now and then misses only the last moment. */
const timed = async (program: string, args: readonly string[], cwd: string) => {
  const startedAt = performance.now()
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-2_000)
  })
  let peakRssBytes = 0
  const look = setInterval(() => {
    if (child.pid === undefined) return
    void peakRss(child.pid).then((bytes) => {
      peakRssBytes = Math.max(peakRssBytes, bytes)
    })
  }, 20)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${printed}`)
    return { wallMs: performance.now() - startedAt, peakRssBytes }
  } finally {
    clearInterval(look)
  }
}

const configuration = ({ host, port, userName, password }: PeerAccount, folder: string): string =>
  `FSync no

IMAPAccount peer
Host ${host}
Port ${port}
User ${userName}
Pass ${password}
SSLType None
AuthMechs LOGIN
DisableExtension COMPRESS=DEFLATE

IMAPStore remote
Account peer

MaildirStore local
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :remote:
Near :local:
Patterns *
Sync Pull
Create Near
SyncState *
`

/**
 * The usual way to a mailbox in one archive, at its best settings: mbsync without fsync and without COMPRESS, then zip.
 * Each run has a folder of its own, because ext4 is slow to create files where many were just deleted.
 */
export const runMbsyncAndZip = async (account: PeerAccount): Promise<PeerRun> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-peer-'))
  try {
    await mkdir(join(folder, 'mail'))
    const configurationPath = join(folder, 'mbsyncrc')
    await writeFile(configurationPath, configuration(account, folder), { mode: 0o600 })
    const mbsync = await timed('mbsync', ['-q', '-c', configurationPath, 'all'], folder)
    const zip = await timed('zip', ['-r', '-q', 'mail.zip', 'mail'], folder)
    return {
      wallMs: mbsync.wallMs + zip.wallMs,
      peakRssBytes: Math.max(mbsync.peakRssBytes, zip.peakRssBytes),
      archiveBytes: (await stat(join(folder, 'mail.zip'))).size,
      mbsyncMs: mbsync.wallMs,
      zipMs: zip.wallMs,
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
