import { spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'

const repository = join(import.meta.dirname, '../../..')
const mostBytes = 300e6
const separator = 'From a@b.example Tue Feb  3 03:05:06 2026\n'
const line = `>From ${'lorem ipsum dolor sit amet '.repeat(2)}\n`

let folder: Awaited<ReturnType<typeof ownFolder>>
beforeAll(async () => {
  folder = await ownFolder('import-memory')
})
afterAll(() => folder.remove())

/** The most memory that a process has had resident so far; 0 when it is gone. */
const peakOf = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
const childrenOf = (pid: number): readonly number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const imported = async (path: string) => {
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const options = ['import', '--format', 'mbox', '--user', 'anna', '--out', `${path} out`, path]
  const child = spawn(process.execPath, [...scripts.stillbox!.split(' ').slice(1), ...options], {
    cwd: repository,
    env: { PATH: process.env.PATH, STILLBOX_DATA_DIR: join(folder.path, 'data') },
  })
  let stdout = ''
  let command = 0
  let work = 0
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  const look = setInterval(() => {
    command = Math.max(command, peakOf(child.pid!))
    for (const pid of childrenOf(child.pid!)) work = Math.max(work, peakOf(pid))
  }, 100)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(look)
  return { code, stdout, command, work }
}

function* manySmall() {
  for (let n = 0; n < 100_000; n++) yield `${separator}Subject: ${n}\n\n${line.repeat(60)}\n`
}
function* fewLarge() {
  for (let n = 0; n < 10; n++) {
    yield `${separator}Subject: ${n}\n\n`
    for (let part = 0; part < 400; part++) yield line.repeat(10_000)
    yield '\n'
  }
}

test.each([
  ['100,000 messages', manySmall, 100_000],
  ['2.4 GB in ten messages', fewLarge, 10],
] as const)('an mbox of %s is imported within 300 MB of memory', async (name, write, count) => {
  const path = join(folder.path, name)
  await pipeline(Readable.from(write()), createWriteStream(path))
  const { code, stdout, command, work } = await imported(path)
  console.log(`${name}: command ${Math.round(command / 1e6)} MB, work process ${Math.round(work / 1e6)} MB resident`)
  expect(code).toBe(0)
  expect(stdout).toContain(
    `${new Intl.NumberFormat('en').format(count)} of ${new Intl.NumberFormat('en').format(count)} items`,
  )
  expect(work).toBeGreaterThan(0)
  expect(command).toBeLessThan(mostBytes)
  expect(work).toBeLessThan(mostBytes)
})
