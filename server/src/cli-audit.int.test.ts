import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryAuditLog } from '../test/doubles/memory-audit-log.ts'
import { ownFolder } from '../testkit/servers/child.ts'
import { jsonLine } from './domain/audit/audit-export.ts'
import { someDraft } from './ports/audit-log.contract.ts'

const cli = join(import.meta.dirname, 'cli.ts')
const stillbox = (...args: readonly string[]) =>
  new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', cli, ...args],
      { cwd: folder.path, env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
let folder: Awaited<ReturnType<typeof ownFolder>>

describe('stillbox verify-audit', () => {
  let text: string
  let hashes: readonly string[]
  const write = async (name: string, content: string) => {
    const path = join(folder.path, name)
    await writeFile(path, content)
    return path
  }
  beforeAll(async () => {
    folder = await ownFolder('cli-audit')
    const entries = await createMemoryAuditLog().append(
      Array.from({ length: 1_200 }, (_, index) => someDraft({ details: { index } })),
    )
    text = entries.map(jsonLine).join('')
    hashes = entries.map(({ hash }) => hash)
  })
  afterAll(() => folder.remove())

  it('ends with 0 for a log that is whole, and says where it ends', async () => {
    const path = await write('good.jsonl', text)
    const { code, stdout, stderr } = await stillbox('verify-audit', path)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('entries    1,200\n')
    expect(stdout).toContain(`head hash  ${hashes.at(-1)}\n`)
    expect((await stillbox('verify-audit', path, '--head', hashes[700]!)).code).toBe(0)
    expect(
      await stillbox('verify-audit', path, '--head', await write('head.txt', `${hashes[3]!.toUpperCase()}\n`)),
    ).toMatchObject({ code: 0 })
  })

  it('ends with 1 and the first entry that is wrong', async () => {
    const changed = await stillbox(
      'verify-audit',
      await write('changed.jsonl', text.replace('"index":899', '"index":0')),
    )
    expect(changed).toMatchObject({ code: 1, stdout: expect.stringContaining('NOT WHOLE: entry 900 was changed') })
    expect(changed.stdout).toContain('whole up to entry 899')
    const short = await write('short.jsonl', text.slice(0, text.indexOf('\n') + 1))
    expect((await stillbox('verify-audit', short)).code).toBe(0)
    expect(await stillbox('verify-audit', short, '--head', hashes.at(-1)!)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('NOT THE SAME LOG'),
    })
  })

  it('ends with 2 and a sentence when it cannot begin', async () => {
    for (const [path, said] of [
      [
        join(folder.path, 'missing.jsonl'),
        /There is no file .*missing\.jsonl\. Give the path of an exported audit log/,
      ],
      [folder.path, /is a folder/],
    ] as const) {
      const { code, stdout, stderr } = await stillbox('verify-audit', path)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(said)
    }
  })
})
