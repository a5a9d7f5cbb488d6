import { execFile, spawn } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Result } from '@stillbox/shared/contract/registry.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildMessages } from '../../testkit/builders/message-builder.ts'
import { eventObject, vCard } from '../../testkit/dav-objects.ts'
import { placeCluster } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Product, startProduct } from '../../testkit/servers/product.ts'
import { canMount, mountSmallDisk } from '../../testkit/small-disk.ts'
import { type Unpacked, unpack } from '../../testkit/unpack.ts'

const repository = join(import.meta.dirname, '../../..')
const user = 'anna@sample.example'
let folder: Awaited<ReturnType<typeof ownFolder>>
let data: string

/** The command as `pnpm stillbox` runs it. */
const commandLine = async (...args: readonly string[]): Promise<readonly string[]> => {
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  return [...scripts.stillbox!.split(' ').slice(1), ...args]
}
const environment = () => ({ PATH: process.env.PATH, STILLBOX_DATA_DIR: data })
const stillbox = async (...args: readonly string[]) => {
  const line = await commandLine(...args)
  return new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(process.execPath, line, { cwd: repository, env: environment() }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
const importAs = (format: string, path: string, out: string, ...more: readonly string[]) =>
  stillbox('import', '--format', format, '--user', user, '--out', join(folder.path, out), ...more, path)
const archiveIn = async (out: string): Promise<string> => {
  const [name, ...more] = await readdir(join(folder.path, out))
  expect(more).toEqual([])
  expect(name).toMatch(/^[0-9a-f-]{36}\.zip$/)
  return join(folder.path, out, name!)
}
const write = async (name: string, bytes: Uint8Array | string) => {
  const path = join(folder.path, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
const lines = ({ items }: Unpacked) =>
  items.map(({ kind, folder: label, sha256, uid, internalDate, href }) => ({
    kind,
    label,
    sha256,
    uid,
    internalDate,
    href,
  }))

beforeAll(async () => {
  folder = await ownFolder('import')
  data = join(folder.path, 'data')
})
afterAll(() => folder.remove())

describe('an import of mail files', () => {
  const built = [...buildMessages(71, 32)]
  const inbox = [
    Buffer.from('From here on\n>From there\n\nFrom a@b Tue Feb  3 03:05:06 2026\nSubject: in the text\n\n>>From x\n'),
    Buffer.from([0, 0xff, 0x0a, 0, 0x0d, 0x0a]),
    Buffer.from('Subject: zeppelin\r\n\r\n\r\n\r\n'),
    ...built.map(({ bytes }) => bytes),
  ]
  const isEnded = (bytes: Buffer) => bytes.at(-1) === 0x0a
  let tree: Unpacked
  let treeArchive: string

  beforeAll(async () => {
    for (const [n, bytes] of inbox.entries()) await write(`mail tree/Büro/${String(n).padStart(3, '0')}.eml`, bytes)
    await write('mail tree/Büro/Sub/x.eml', inbox[2]!)
    await write('mail tree/Kalender/a.ics', eventObject('a', 'Besprechung'))
    await write('mail tree/Friends/b.vcf', vCard('b', 'Bruno'))
    await write('mail tree/readme.txt', 'no mail')
    const { code, stdout, stderr } = await importAs('eml', join(folder.path, 'mail tree'), 'from-tree')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${inbox.length + 3} of ${inbox.length + 3} items in 4 folders imported`)
    expect(stdout).toContain('1 other file passed over')
    expect(stdout).toContain(`Put the file into ${join(data, 'archives')}`)
    treeArchive = await archiveIn('from-tree')
    tree = await unpack(treeArchive, join(folder.path, 'unpacked tree'))
  })

  it('makes a whole archive that says what was there', async () => {
    const verified = await stillbox('verify', treeArchive)
    expect(verified.code).toBe(0)
    expect(verified.stdout).toContain(`of         ${user} (Sample organization)`)
    for (const { entry, kind, sizeBytes } of tree.items) {
      const bytes = await tree.bytesOf(entry)
      expect(bytes.length).toBe(sizeBytes)
      if (kind === 'mail') expect(inbox.some((one) => one.equals(bytes))).toBe(true)
    }
    expect(
      tree.manifest.folders.map(({ kind, label, onServer, taken, notTaken }) => [
        kind,
        label,
        onServer,
        taken,
        notTaken,
      ]),
    ).toEqual([
      ['mail', 'Büro', inbox.length, inbox.length, 0],
      ['mail', 'Büro/Sub', 1, 1, 0],
      ['calendar', 'Kalender', 1, 1, 0],
      ['contact', 'Friends', 1, 1, 0],
    ])
    expect(tree.manifest.folders[0]!.properties).toEqual({ importedFrom: 'files', otherFilesInSource: '1' })
    // Not all of them are what a message should be, and that is said of those that are not.
    expect(new Set(tree.issues.map(({ code }) => code))).toEqual(new Set(['malformed']))
  })

  it('of our own mbox gives the messages that were exported', async () => {
    const out = join(folder.path, 'as mbox')
    const exported = await stillbox('export', '--format', 'mbox', '--out', out, treeArchive)
    const notEnded = inbox.filter((bytes) => !isEnded(bytes)).length
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining(`line_end_added, ${notEnded}`) })
    const [zip] = (await readdir(out)).filter((name) => name.endsWith('.zip'))
    expect((await importAs('mbox', join(out, zip!), 'from-mbox')).code).toBe(0)
    const again = await unpack(await archiveIn('from-mbox'), join(folder.path, 'unpacked mbox'))
    const before = tree.items.filter(({ kind }) => kind === 'mail')
    expect(again.items.map((item) => item.folder)).toEqual(before.map((item) => item.folder))
    for (const [at, { entry, sha256, internalDate }] of before.entries()) {
      const bytes = await tree.bytesOf(entry)
      const found = again.items[at]!
      // In an mbox a message ends with a line end: one that had none has got one.
      if (isEnded(bytes)) expect(found.sha256).toBe(sha256)
      else expect(await again.bytesOf(found.entry)).toEqual(Buffer.concat([bytes, Buffer.from('\n')]))
      expect(Date.parse(found.internalDate!)).toBe(Date.parse(internalDate!))
    }
    expect(inbox.filter(isEnded).length).toBeGreaterThan(25)
  })

  it('of our own ZIP of EML files gives the same items under the same numbers', async () => {
    const out = join(folder.path, 'as eml')
    expect((await stillbox('export', '--format', 'zip-eml', '--out', out, treeArchive)).code).toBe(0)
    const [zip] = (await readdir(out)).filter((name) => name.endsWith('.zip'))
    expect((await importAs('eml', join(out, zip!), 'from-zip')).code).toBe(0)
    const again = await unpack(await archiveIn('from-zip'), join(folder.path, 'unpacked zip'))
    const comparable = (unpacked: Unpacked) => lines(unpacked).map(({ href: _, internalDate: __, ...line }) => line)
    expect(comparable(again)).toEqual(comparable(tree))
    expect(again.items.map(({ entry }) => entry)).toEqual(tree.items.map(({ entry }) => entry))
  })

  it('is taken up by the service like a snapshot of its own', async () => {
    await placeCluster(data)
    await mkdir(join(data, 'archives'), { recursive: true })
    const snapshotId = treeArchive.match(/([0-9a-f-]{36})\.zip$/)![1]!
    await copyFile(treeArchive, join(data, 'archives', `${snapshotId}.zip`))
    expect((await stillbox('rebuild')).stdout).toContain('1 snapshot restored from archives')
    let product: Product | null = null
    try {
      product = await startProduct({ dataFolder: data })
      const { snapshots } = await product.invoke<Result<'GetSnapshots'>>('GetSnapshots')
      expect(snapshots).toMatchObject([
        {
          ...{ snapshotId, organization: 'sample', userName: user, state: 'available', createdBy: 'stillbox import' },
          ...{ type: ['mailbox', 'calendar', 'contacts'], start: null, end: null, itemCount: tree.items.length },
        },
      ])
      const downloaded = join(folder.path, 'downloaded.zip')
      await product.download(snapshotId, downloaded)
      expect((await readFile(downloaded)).equals(await readFile(treeArchive))).toBe(true)
      // Signed by the key of this service, which is the one it trusts.
      const verify = await product.invoke<{ statusUrl: string }>('VerifySnapshot', { snapshotId })
      const status = async () => (await (await product!.fetch(verify.statusUrl)).json()) as { readonly status: string }
      let last = await status()
      for (; last.status === 'running'; last = await status()) await sleep(100)
      expect(last).toMatchObject({ status: 'succeeded', result: { ok: true } })
      await product.invoke('ExportSnapshot', { snapshotId, format: 'mbox', words: 'zeppelin' })
      const counted = async () =>
        (await product!.invoke<Result<'GetExports'>>('GetExports', { snapshotId })).exports[0]?.report?.counts.written
      await expect.poll(counted, { timeout: 30_000, interval: 100 }).toBe(2)
    } finally {
      await product?.stop()
    }
  })

  it('of a Maildir takes what can be read, names the rest, and ends with 1', async () => {
    await write('Maildir/cur/1.M1.host:2,RS', inbox[2]!)
    await write('Maildir/.Sent/cur/2.M1.host:2,S', inbox[3]!)
    await symlink(folder.path, join(folder.path, 'Maildir', '.Outside'))
    const { code, stdout } = await importAs('maildir', join(folder.path, 'Maildir'), 'from-maildir')
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/NOT READ: Outside: .*not followed/),
    })
    const { items, issues } = await unpack(await archiveIn('from-maildir'), join(folder.path, 'unpacked maildir'))
    expect(items.map((item) => [item.folder, item.flags])).toEqual([
      ['INBOX', ['\\Answered', '\\Seen']],
      ['Sent', ['\\Seen']],
    ])
    expect(issues.filter((issue) => issue.code === 'folder_unreadable')).toHaveLength(1)
  })

  it('ends with 2 and a sentence when it cannot begin, and makes nothing', async () => {
    await write('no-mbox', 'Subject: x\n\n')
    const path = join(folder.path, 'no-mbox')
    for (const [args, said] of [
      [['--format', 'mbox', '--user', user], /is no mbox: it does not/],
      [['--format', 'mbox'], /--user <name>/],
      [['--format', 'pst', '--user', user], /no format “pst”/],
    ] as const) {
      const { code, stdout, stderr } = await stillbox('import', '--out', join(folder.path, 'x'), ...args, path)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(said)
      expect(stderr).not.toMatch(/\n\s+at /)
    }
    expect(await readdir(folder.path)).not.toContain('x')
  })
})

describe('an import that does not come to its end', () => {
  const separator = 'From a@b.example Tue Feb  3 03:05:06 2026\n'
  beforeAll(async () => {
    const random = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('base64')
    const message = `${separator}Subject: large\n\n${random.replace(/.{76}/g, '$&\n')}\n\n`
    await write('large mbox', message.repeat(900))
  })

  it('leaves nothing behind at Ctrl+C', async () => {
    const out = join(folder.path, 'interrupted')
    const line = await commandLine(
      'import',
      '--format',
      'mbox',
      '--user',
      user,
      '--out',
      out,
      join(folder.path, 'large mbox'),
    )
    // In a group of its own, as a terminal has it: Ctrl+C reaches the work process as well.
    const child = spawn(process.execPath, line, { cwd: repository, env: environment(), detached: true })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const begun = async () =>
      (await readdir(out, { recursive: true }).catch(() => [])).some((name) => name.endsWith('.sqlite'))
    await expect.poll(begun, { timeout: 60_000, interval: 10 }).toBe(true)
    process.kill(-child.pid!, 'SIGINT')
    expect(await ended).toBe(2)
    expect(stderr).toMatch(/cancelled|Stopped/i)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(await readdir(folder.path)).not.toContain('interrupted')
  })

  it.skipIf(!canMount())('says that the disk is full, and leaves nothing on it', async () => {
    const disk = await mountSmallDisk(16 << 20)
    try {
      const { code, stderr } = await stillbox(
        ...['import', '--format', 'mbox', '--user', user, '--out', disk.path, join(folder.path, 'large mbox')],
      )
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/disk .* is full/) })
      expect(await readdir(disk.path)).toEqual([])
    } finally {
      await disk.unmount()
    }
  })
})
