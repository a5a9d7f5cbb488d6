import { execFile } from 'node:child_process'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aMessage, aRecipient } from '../test/doubles/mapi-messages.ts'
import { samplePst } from '../test/doubles/sample-pst.ts'
import { ownFolder } from '../testkit/servers/child.ts'
import { tagged } from './formats/mapi/property.ts'
import { msgBytes } from './formats/msg/msg-bytes.ts'

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
beforeAll(async () => {
  folder = await ownFolder('cli-outlook')
})
afterAll(() => folder.remove())

describe('stillbox verify-pst', () => {
  let good: Uint8Array
  const write = async (name: string, bytes: Uint8Array) => {
    const path = join(folder.path, name)
    await writeFile(path, bytes)
    return path
  }
  beforeAll(async () => {
    good = await samplePst({ messages: 5, attachmentsOfOne: 1, largestBytes: 20_000, cryptMethod: 'permute' })
  })

  it('ends with 0 for a file without faults, and says what is in it', async () => {
    const { code, stdout, stderr } = await stillbox('verify-pst', await write('good.pst', good))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^sound: .*good\.pst\n {2}folders {5}7\n {2}messages {4}7\n/)
  })

  it('ends with 1 and a line for each finding', async () => {
    const damaged = good.slice()
    damaged[0x4600 + 496]! ^= 1
    const { code, stdout } = await stillbox('verify-pst', await write('damaged.pst', damaged))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fault: page map at 0x4600: its type is .* \[V3\]\n\nNOT SOUND: 1 fault found in /)
  })

  it('ends with 1 for a file of another kind or an empty one, and with 2 for none', async () => {
    const path = await write('empty.pst', good)
    await truncate(path)
    expect(await stillbox('verify-pst', path)).toMatchObject({ code: 1, stdout: expect.stringContaining('[V1]') })
    expect(await stillbox('verify-msg', await write('really.pst', good))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('[C1]'),
    })
    const missing = await stillbox('verify-pst', join(folder.path, 'missing.pst'))
    expect(missing).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('There is no file') })
    expect((await stillbox('verify-pst')).code).toBe(2)
  })
})

describe('stillbox verify-msg', () => {
  it('ends with 0 for a file without faults, and with 1 and a line for each finding', async () => {
    const entryId = tagged('PidTagEntryId', 0x0fff, 'binary')
    const recipients = [aRecipient('Bob').set(entryId, new Uint8Array(40))]
    const bytes = (await msgBytes(aMessage({ recipients }), 2 ** 20, new AbortController().signal))!
    const path = join(folder.path, 'mail.msg')
    await writeFile(path, bytes)
    const good = await stillbox('verify-msg', path)
    expect(good).toMatchObject({ code: 0, stderr: '' })
    expect(good.stdout).toMatch(/^sound: .*mail\.msg\n {2}messages {4}1\n {2}recipients {2}1\n/)
    await writeFile(path, Uint8Array.from(bytes).fill(1, 52, 53))
    const damaged = await stillbox('verify-msg', path)
    expect(damaged.code).toBe(1)
    expect(damaged.stdout).toMatch(/^fault: header: the transaction is 0x1 and must be 0x0 \[C1\]\n/)
  })
})
