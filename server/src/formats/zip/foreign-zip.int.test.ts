import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownFolder } from '../../../testkit/servers/child.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { openForeignZip } from './foreign-zip.ts'
import { memoryFile } from './random-access-file.ts'

const { signal } = new AbortController()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const contents: Readonly<Record<string, Buffer>> = {
  'Büro/Größe.eml': Buffer.from('Subject: x\n\nx\n'.repeat(200)),
  'Büro/empty.eml': Buffer.alloc(0),
  '日本語.eml': Buffer.from('A: 1\n\n'),
  'large.eml': Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => (n * n) % 251)),
}
const modifiedAt = new Date('2026-01-02T03:04:06Z')

let folder: Awaited<ReturnType<typeof ownFolder>>
beforeAll(async () => {
  folder = await ownFolder('foreign-zip')
  mkdirSync(join(folder.path, 'in', 'Büro'), { recursive: true })
  for (const [name, bytes] of Object.entries(contents)) {
    writeFileSync(join(folder.path, 'in', name), bytes)
    utimesSync(join(folder.path, 'in', name), modifiedAt, modifiedAt)
  }
})
afterAll(() => folder.remove())

const read = async (name: string) => {
  const zip = await openForeignZip(memoryFile(readFileSync(join(folder.path, name))))
  const found: Record<string, string> = {}
  const moments = new Set<string>()
  for await (const entry of zip.entries(signal)) {
    const parts: Uint8Array[] = []
    for await (const part of zip.content(entry, signal)) parts.push(part)
    found[entry.name] = sha256(Buffer.concat(parts))
    moments.add(entry.modifiedAt?.toISOString() ?? 'none')
  }
  return { found, moments: [...moments] }
}
const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, {
    cwd: join(folder.path, 'in'),
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  })
const expected = Object.fromEntries(Object.entries(contents).map(([name, bytes]) => [name, sha256(bytes)]))

describe('ZIP files of others', () => {
  test.skipIf(!needs('sevenZip'))('by 7-Zip', async () => {
    run('7z', ['a', '-tzip', '-bso0', join(folder.path, 'seven.zip'), '.'])
    expect(await read('seven.zip')).toEqual({ found: expected, moments: [modifiedAt.toISOString()] })
  })

  test.skipIf(!needs('python3')).each([
    ['into a pipe, with sizes behind the data', 'sys.stdout.buffer', ''],
    ['with ZIP64 everywhere', 'sys.argv[1]', ', force_zip64=True'],
  ])('by Python, %s', async (kind, target, option) => {
    const name = `${kind.length}.zip`
    const program = `import zipfile,sys,os
with zipfile.ZipFile(${target},'w',zipfile.ZIP_DEFLATED) as z:
  z.comment=b'a comment'
  for d,_,fs in os.walk('.'):
    for f in fs:
      p=os.path.join(d,f)
      i=zipfile.ZipInfo.from_file(p,p[2:])
      i.compress_type=zipfile.ZIP_DEFLATED
      with z.open(i,'w'${option}) as w: w.write(open(p,'rb').read())`
    const piped = run('/usr/bin/python3', ['-c', program, join(folder.path, name)])
    if (piped.length > 0) writeFileSync(join(folder.path, name), piped)
    expect(await read(name)).toEqual({ found: expected, moments: [modifiedAt.toISOString()] })
  })
})
