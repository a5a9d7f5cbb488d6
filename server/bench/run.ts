import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ExportFormat } from '@stillbox/shared/vocabulary/export-format.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { createArchiveWork } from '../src/adapters/work/archive-work.ts'
import { largeMessage } from '../testkit/builders/message-builder.ts'
import { type Dovecot, startDovecot } from '../testkit/servers/dovecot.ts'
import { describeExport, exportRow } from './export.ts'
import { type BenchMailbox, fillMailbox, largeMailbox, smallMailbox } from './mailboxes.ts'
import { describeMsg, msgRow } from './msg.ts'
import { runMbsyncAndZip } from './peers.ts'
import { describeUpload, uploadRows } from './upload.ts'

const usage = `pnpm bench [options]
  --small <n>    messages of the small mailbox (20000; 0 leaves it out)
  --large <n>    messages of the large mailbox (1500, about 1 GB; 0 leaves it out)
  --runs <n>     pairs of runs, ours and the peer's in turn (3)
  --threads <n>  connections and threads of a capture (one for each core)
  --export <f,f> formats in which both mailboxes are exported as well (pst; none leaves it out)
  --upload <mb>  also a file of so many MB to an sshd, against sftp and scp (400; 0 leaves it out)
  --pst <n>      also so many small messages as one PST, and 1 GB of attachments (50000; 0 leaves it out)
  --msg <n>      also so many small messages as MSG files, and one of 300 MB (20000; 0 leaves it out)
  --memory       also one message of 200 MB and a folder of 100,000: time and peak memory, without a peer
  --huge <gb>    also a mailbox of so many GB: time and peak memory, without a peer
  --json         one object a line: { name, ours, peer, ratio, peakRssBytes }
`

const { values } = parseArgs({
  options: {
    small: { type: 'string', default: '20000' },
    large: { type: 'string', default: '1500' },
    runs: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    memory: { type: 'boolean', default: false },
    huge: { type: 'string', default: '0' },
    export: { type: 'string', default: 'pst' },
    upload: { type: 'string', default: '400' },
    msg: { type: 'string', default: '20000' },
    pst: { type: 'string', default: '50000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const number = (name: 'small' | 'large' | 'runs' | 'threads' | 'huge' | 'upload' | 'msg' | 'pst'): number => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name} is a whole number.\n\n${usage}`)
  process.exit(2)
}

const formats = values.export === 'none' ? [] : values.export.split(',').map((name) => ExportFormat.safeParse(name))
if (formats.some(({ success }) => !success)) {
  console.error(`--export takes ${ExportFormat.options.join(', ')} or none.\n\n${usage}`)
  process.exit(2)
}

const password = 'bench-password'
let exportPid = 0
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const work = createArchiveWork({
  entry: new URL('../src/work-main.ts', import.meta.url),
  settings: {
    signingKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    signingPublicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    productVersion: 'bench',
    readerCount: number('threads'),
    memoryLimitMb: 4096,
  },
  heapMb: 128,
  captureMaxHours: 24,
  onCrash: (crash) => console.error(crash),
  onStart: (kind, pid) => {
    if (kind === 'export') exportPid = pid
  },
})
const never = new AbortController().signal

type OurRun = {
  readonly wallMs: number
  readonly peakRssBytes: number
  readonly archiveBytes: number
  readonly itemCount: number
}

/** One capture as the service does it: process start, archive with index, hash tree, signature and fsync included. */
const capture = async (
  server: Dovecot,
  userName: string,
  checks: boolean,
  use: (archivePath: string) => Promise<void> = async () => {},
): Promise<OurRun> => {
  const workFolder = await mkdtemp(join(tmpdir(), 'stillbox-bench-'))
  try {
    const startedAt = performance.now()
    const outcome = await work.capture(
      {
        snapshotId: SnapshotId.parse(crypto.randomUUID()),
        organization: OrganizationId.parse('bench'),
        organizationName: 'Benchmark',
        userName,
        types: ['mailbox'],
        start: '1970-01-01T00:00:00.000Z',
        end: '2100-01-01T00:00:00.000Z',
        requestedAt: new Date().toISOString(),
        requestedBy: 'bench',
        workFolder,
        sources: [
          {
            technology: 'imap',
            kind: 'mail',
            host: server.host,
            port: server.port,
            tls: { mode: 'none' },
            auth: { method: 'password', userName, password },
            compress: false,
            timeoutMs: 60_000,
            plainFetch: false,
          },
        ],
      },
      () => {},
      never,
    )
    const wallMs = performance.now() - startedAt
    if (outcome.issueCount > 0) throw new Error(`${outcome.issueCount} issues: this run proves nothing`)
    if (checks) {
      const { ok, faults } = await work.verify(outcome.archivePath, () => {}, never)
      if (!ok) throw new Error(`the archive is not whole: ${JSON.stringify(faults[0])}`)
    }
    await use(outcome.archivePath)
    return { wallMs, peakRssBytes: outcome.peakRssBytes, archiveBytes: outcome.sizeBytes, itemCount: outcome.itemCount }
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

const report = (row: {
  name: string
  ours: readonly OurRun[]
  peer: readonly { wallMs: number; peakRssBytes: number; archiveBytes: number }[]
  bytes: number
}) => {
  const ours = median(row.ours.map(({ wallMs }) => wallMs))
  const peer = row.peer.length > 0 ? median(row.peer.map(({ wallMs }) => wallMs)) : null
  const peakRssBytes = Math.max(...row.ours.map((run) => run.peakRssBytes))
  const { itemCount, archiveBytes } = row.ours[0]!
  if (values.json) {
    // Times in seconds; ratio: how many times the peer's time is ours.
    console.log(
      JSON.stringify({
        name: row.name,
        ours: ours / 1000,
        peer: peer === null ? null : peer / 1000,
        ratio: peer === null ? null : peer / ours,
        peakRssBytes,
      }),
    )
    return
  }
  const range = (runs: readonly { wallMs: number }[]) =>
    `${seconds(Math.min(...runs.map((run) => run.wallMs)))} to ${seconds(Math.max(...runs.map((run) => run.wallMs)))}`
  console.log(`${row.name}: ${itemCount} messages, ${megabytes(row.bytes)}
  Stillbox           ${seconds(ours)}  (${range(row.ours)}), peak memory ${megabytes(peakRssBytes)}, archive ${megabytes(archiveBytes)}, ${Math.round(itemCount / (ours / 1000))} messages/s, ${Math.round(row.bytes / 1e3 / ours)} MB/s`)
  if (peer !== null)
    console.log(`  mbsync && zip -r   ${seconds(peer)}  (${range(row.peer)}), peak memory ${megabytes(Math.max(...row.peer.map((run) => run.peakRssBytes)))}, archive ${megabytes(row.peer[0]!.archiveBytes)}
  Stillbox is ${(peer / ours).toFixed(2)} times as fast`)
}

const measureExports = async (mailbox: string, archivePath: string) => {
  for (const { data: format } of formats) {
    if (format === undefined) continue
    const row = await exportRow({ archivePath, mailbox, format, runs: number('runs') }, work, () => exportPid)
    console.log(values.json ? JSON.stringify(row) : describeExport(row))
  }
}

const compare = async (server: Dovecot, name: string, mailbox: BenchMailbox) => {
  const { bytes } = await fillMailbox(server, name, mailbox)
  const account = { host: server.host, port: server.port, userName: name, password }
  // Once for each before anything is counted: the server builds its caches, the files come into memory, the archive is checked.
  await capture(server, name, true, (archivePath) => measureExports(name, archivePath))
  const ours: OurRun[] = []
  const peer: Awaited<ReturnType<typeof runMbsyncAndZip>>[] = []
  for (let run = 0; run < number('runs'); run++) {
    ours.push(await capture(server, name, false))
    peer.push(await runMbsyncAndZip(account))
  }
  report({ name, ours, peer, bytes })
}

const alone = async (server: Dovecot, name: string, mailbox: BenchMailbox) => {
  const { bytes } = await fillMailbox(server, name, mailbox)
  report({ name, ours: [await capture(server, name, true)], peer: [], bytes })
}

const oneLargeMessage = (): BenchMailbox => ({
  name: 'large',
  folders: [
    {
      path: [],
      messages: () => [
        { bytes: Buffer.concat([...largeMessage(7, 200 * 1024 * 1024)]), receivedAtMs: Date.UTC(2026, 0, 1) },
      ],
    },
  ],
})
const oneLargeFolder = (): BenchMailbox => {
  const { folders } = smallMailbox({ messages: 100_000, seed: 3 })
  return {
    name: 'small',
    folders: [
      {
        path: [],
        *messages() {
          for (const folder of folders) yield* folder.messages()
        },
      },
    ],
  }
}

const server = await startDovecot({
  users: Object.fromEntries(['small', 'large', 'message-200mb', 'folder-100k', 'huge'].map((name) => [name, password])),
})
try {
  if (!values.json)
    console.log(
      `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}; Dovecot on loopback; medians of ${values.runs} pairs\n`,
    )
  if (number('small') > 0) await compare(server, 'small', smallMailbox({ messages: number('small') }))
  if (number('large') > 0) await compare(server, 'large', largeMailbox({ messages: number('large') }))
  if (values.memory) {
    await alone(server, 'message-200mb', oneLargeMessage())
    await alone(server, 'folder-100k', oneLargeFolder())
  }
  if (number('huge') > 0) await alone(server, 'huge', largeMailbox({ messages: number('huge') * 1500, seed: 4 }))
} finally {
  await server.stop()
}
if (number('upload') > 0)
  for (const row of await uploadRows({ sizeBytes: number('upload') * 1e6, runs: number('runs') }))
    console.log(values.json ? JSON.stringify(row) : describeUpload(row, number('upload')))
if (number('msg') > 0) {
  const row = await msgRow({ messages: number('msg'), largeBytes: 300e6, runs: number('runs') })
  console.log(values.json ? JSON.stringify(row) : describeMsg(row))
}
if (number('pst') > 0) {
  // A process of its own, with the heap that the service gives an export: memory is part of the figure.
  const args = ['--max-old-space-size=128', '--max-semi-space-size=8', new URL('pst.ts', import.meta.url).pathname]
  execFileSync(process.execPath, [...args, '--messages', values.pst], { stdio: ['ignore', 'inherit', 'inherit'] })
}
