import { execFile, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import type { DestinationSpec } from '../src/ports/delivery.ts'
import { type Openssh, startOpenssh } from '../testkit/servers/openssh.ts'
import type { UploadOrder, UploadRun } from './upload-run.ts'

const run = promisify(execFile)

/** Times in seconds, medians; `ratio` is how many times the peer's time is ours. */
export type UploadRow = {
  readonly name: 'upload-sftp' | 'upload-scp'
  readonly ours: number
  readonly peer: number
  readonly ratio: number
  readonly peakRssBytes: number
  /** With fsync, checksum on both sides and rename, which the peer does not do. */
  readonly whole: number
  readonly cpu: number
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

const ourRun = (order: UploadOrder): Promise<UploadRun> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL('upload-run.ts', import.meta.url), [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    let result: UploadRun | null = null
    child.once('error', reject)
    child.once('message', (message) => {
      result = message as UploadRun
    })
    child.once('exit', (code) =>
      result ? resolve(result) : reject(new Error(`the upload ended with ${code} and no result`)),
    )
    child.send(order)
  })

/** The command as it comes, with the cipher we negotiate: the figure is about the way, not about the cipher. */
const peerRun = async (name: UploadRow['name'], server: Openssh, filePath: string): Promise<number> => {
  const target = `${server.userName}@${server.host}`
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes']
  const common = [
    ...[...options, 'Ciphers=aes128-gcm@openssh.com'].flatMap((option) => ['-o', option]),
    ...['-i', server.privateKeyPath, '-P', String(server.port), '-q'],
  ]
  const startedAt = performance.now()
  if (name === 'upload-scp') await run('scp', [...common, '-O', filePath, `${target}:${server.folder}/peer`])
  else {
    const command = run('sftp', [...common, '-b', '-', target])
    command.child.stdin?.end(`put ${filePath} ${server.folder}/peer\n`)
    await command
  }
  return performance.now() - startedAt
}

const row = async (name: UploadRow['name'], filePath: string, runs: number): Promise<UploadRow> => {
  const server = await startOpenssh({ sftp: name === 'upload-sftp' })
  try {
    const destination: DestinationSpec = {
      protocol: name === 'upload-sftp' ? 'sftp' : 'scp',
      host: server.host,
      port: server.port,
      username: server.userName,
      path: server.folder,
      hostKeyFingerprints: await server.fingerprints('sha256'),
      auth: { method: 'private-key', privateKeyPem: server.privateKey },
      allowedAddresses: [server.host],
      timeoutMs: 60_000,
    }
    const emptied = async () => {
      for (const left of await readdir(server.folder)) await rm(join(server.folder, left))
    }
    const ours: UploadRun[] = []
    const peer: number[] = []
    // The first pair warms the file and both programs up, and is not counted.
    for (let pair = 0; pair <= runs; pair++) {
      const our = await ourRun({ destination, filePath, name: 'archive.zip' })
      await emptied()
      const their = await peerRun(name, server, filePath)
      await emptied()
      if (pair === 0) continue
      ours.push(our)
      peer.push(their)
    }
    const oursMs = median(ours.map(({ uploadMs }) => uploadMs))
    return {
      name,
      ours: oursMs / 1000,
      peer: median(peer) / 1000,
      ratio: median(peer) / oursMs,
      peakRssBytes: Math.max(...ours.map(({ peakRssBytes }) => peakRssBytes)),
      whole: median(ours.map(({ wholeMs }) => wholeMs)) / 1000,
      cpu: median(ours.map(({ cpuMs }) => cpuMs)) / 1000,
    }
  } finally {
    await server.stop()
  }
}

/** Uploads to an sshd on loopback, ours and the command's in turn. `sizeBytes` of bytes that do not compress. */
export const uploadRows = async ({
  sizeBytes,
  runs,
}: {
  readonly sizeBytes: number
  readonly runs: number
}): Promise<readonly UploadRow[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-upload-'))
  try {
    const filePath = join(folder, 'archive.zip')
    const file = await open(filePath, 'w')
    const block = randomBytes(1024 * 1024)
    for (let left = sizeBytes; left > 0; left -= block.length) await file.write(block, 0, Math.min(block.length, left))
    await file.close()
    return [await row('upload-sftp', filePath, runs), await row('upload-scp', filePath, runs)]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const usage = `node server/bench/upload.ts [--mb 400] [--runs 3] [--json]`

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      mb: { type: 'string', default: '400' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  })
  const [mb, runs] = [Number(values.mb), Number(values.runs)]
  if (!(mb > 0 && Number.isInteger(runs) && runs > 0)) {
    console.error(usage)
    process.exit(2)
  }
  const seconds = (value: number) => `${value.toFixed(2)} s`
  for (const one of await uploadRows({ sizeBytes: mb * 1e6, runs }))
    console.log(
      values.json
        ? JSON.stringify(one)
        : `${one.name}: ${mb} MB\n  Stillbox ${seconds(one.ours)} (with fsync, checksums and rename ${seconds(one.whole)}; CPU ${seconds(one.cpu)}; peak memory ${Math.round(one.peakRssBytes / 1e6)} MB)\n  ${one.name.slice(7)} ${seconds(one.peer)}\n  Stillbox is ${one.ratio.toFixed(2)} times as fast`,
    )
}
