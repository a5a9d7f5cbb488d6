import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleOrganization, writeSample } from './sample-organization.ts'

let parent: string
let folder: string
let cpuMs: number
beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'stillbox-sample-'))
  folder = join(parent, 'data', 'sample')
  const before = process.cpuUsage()
  await writeSample(folder)
  const { user, system } = process.cpuUsage(before)
  cpuMs = (user + system) / 1000
})
afterAll(() => rmSync(parent, { recursive: true }))

const files = (root: string) =>
  (readdirSync(root, { recursive: true }) as string[])
    .sort()
    .map((name) => ({ name, path: join(root, name) }))
    .filter(({ path }) => statSync(path).isFile())
const print = (root: string) => {
  const hash = createHash('sha256')
  for (const { name, path } of files(root))
    hash
      .update(name)
      .update(readFileSync(path))
      .update(/\.json$|dovecot/.test(name) ? '' : String(statSync(path).mtimeMs))
  return hash.digest('hex')
}
const messages = (user: string) =>
  files(join(folder, user, 'Maildir'))
    .filter(({ name }) => /(^|\/)(cur|new)\//.test(name))
    .map(({ name, path }) => ({ name, path, text: readFileSync(path, 'latin1') }))

test('is made quickly, and is of a size that is worth a trial and no burden', () => {
  const total = files(folder).reduce((sum, { path }) => sum + statSync(path).size, 0)
  expect(total).toBeGreaterThan(3_000_000)
  expect(total).toBeLessThan(15_000_000)
  // CPU, not wall time: other tests run beside this one.
  expect(cpuMs).toBeLessThan(4_000)
})

test('is the same each time', async () => {
  const again = join(parent, 'again')
  await writeSample(again)
  expect(print(again)).toBe(print(folder))
})

test('is left alone once it is there', async () => {
  const before = statSync(folder)
  await writeSample(folder)
  expect(statSync(folder)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
})

test('clears away what a killed start left behind, and nothing that is being made', async () => {
  const root = join(parent, 'killed')
  for (const name of ['sample.new-old', 'sample.new-young', 'samples']) mkdirSync(join(root, name), { recursive: true })
  writeFileSync(join(root, 'sample.new-old', 'half'), '')
  utimesSync(join(root, 'sample.new-old'), 1, 1)
  await Promise.all([writeSample(join(root, 'sample')), writeSample(join(root, 'sample'))])
  expect(readdirSync(root).sort()).toEqual(['sample', 'sample.new-young', 'samples'])
  expect(readdirSync(join(root, 'sample')).sort()).toEqual(['anna@sample.example', 'bruno@sample.example'])
})

test('a start that is killed in the middle leaves no half sample', async () => {
  const root = join(parent, 'midway')
  mkdirSync(root)
  const script = `import(${JSON.stringify(import.meta.resolve('./sample-organization.ts'))}).then((m) => m.writeSample(${JSON.stringify(join(root, 'sample'))}))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
  const exited = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  const isAtIt = () => readdirSync(root).some((name) => readdirSync(join(root, name)).length > 0)
  while (!isAtIt() && child.exitCode === null) await sleep(5)
  child.kill('SIGKILL')
  expect(await exited).toBe('SIGKILL')
  expect(readdirSync(root)).toEqual([expect.stringMatching(/^sample\.new-/)])
  await writeSample(join(root, 'sample'))
  expect(print(join(root, 'sample'))).toBe(print(folder))
})

describe.each(['anna@sample.example', 'bruno@sample.example'])('%s', (user) => {
  test('has a few hundred varied messages in nested folders', () => {
    const all = messages(user)
    expect(all.length).toBeGreaterThan(250)
    for (const sign of [
      'multipart/alternative',
      'multipart/mixed',
      'multipart/related',
      'text/calendar',
      'message/rfc822',
      'List-Id:',
      'In-Reply-To:',
      'application/pdf',
      'image/png',
      'text/csv',
      '=?UTF-8?B?',
    ])
      expect(all.filter(({ text }) => text.includes(sign)).length, sign).toBeGreaterThan(2)
    expect(readdirSync(join(folder, user, 'Maildir')).filter((name) => /^\..*&.*-/.test(name)).length).toBeGreaterThan(
      1,
    )
    expect(all.filter(({ name }) => name.endsWith('F') || /:2,.*F/.test(name)).length).toBeGreaterThan(5)
  })

  test('has messages that keep to RFC 5322: line length, line ends, one of each header', () => {
    for (const { text } of messages(user)) {
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)
      const header = text.slice(0, text.indexOf('\r\n\r\n'))
      for (const name of ['From', 'To', 'Date', 'Subject', 'Message-ID', 'MIME-Version'])
        expect(header.match(new RegExp(`^${name}: `, 'gm')), name).toHaveLength(1)
      expect(header).toMatch(/^[\x20-\x7e\r\n\t]*$/)
    }
  })

  test('writes to people at .example only', () => {
    const domains = messages(user).flatMap(({ text }) =>
      [...text.matchAll(/<[^<>@\s]+@([^<>\s]+)>/g)].map((match) => match[1]!),
    )
    expect(domains.length).toBeGreaterThan(500)
    expect(domains.filter((domain) => !domain.endsWith('.example'))).toEqual([])
  })

  test('has no two messages of one Message-ID', () => {
    const ids = messages(user).map(({ text }) => /^Message-ID: (.*)$/m.exec(text)![1])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('has calendars and address books of folded, well-formed objects', () => {
    for (const [part, extension, least] of [
      ['calendars', 'ics', 75],
      ['contacts', 'vcf', 55],
    ] as const) {
      const objects = files(join(folder, user, part)).filter(({ name }) => name.endsWith(extension))
      expect(objects.length).toBeGreaterThan(least)
      for (const { path } of objects) {
        const text = readFileSync(path, 'utf8')
        const opened = [...text.matchAll(/^BEGIN:(.*)\r$/gm)].map((match) => match[1])
        const closed = [...text.matchAll(/^END:(.*)\r$/gm)].map((match) => match[1])
        expect(opened.sort()).toEqual(closed.sort())
        for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
      }
    }
  })
})

test('the organization leads to what was written', () => {
  const organization = sampleOrganization(folder)
  expect(organization).toMatchObject({ organization: 'sample', isSample: true, userNameHint: 'anna@sample.example' })
  for (const source of [organization.mail, organization.calendar, organization.contacts]) {
    if (source?.technology !== 'directory') throw new Error('not a directory')
    expect(statSync(source.path.replace('{login}', 'bruno@sample.example')).isDirectory()).toBe(true)
  }
})
