import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ExportFormat } from '@stillbox/shared/vocabulary/export-format.ts'
import { type ExportOrder, ExportRemark, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openArchiveIndex } from '../../src/adapters/sqlite/archive-index.ts'
import { createItemReader } from '../../src/adapters/work/item-reader.ts'
import { createWorkFiles } from '../../src/adapters/work/work-files.ts'
import { composeExport } from '../../src/compose-export.ts'
import { runExport } from '../../src/domain/export/run-export.ts'
import { verifyMsg } from '../../src/formats/msg-check/verify-msg.ts'
import { verifyPst } from '../../src/formats/pst-check/verify-pst.ts'
import type { WorkFiles } from '../../src/ports/draft-file.ts'
import { readpst } from '../../testkit/readpst.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { canMount, mountSmallDisk, type SmallDisk } from '../../testkit/small-disk.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'

const run = promisify(execFile)
const { signal } = new AbortController()
const openReader = createItemReader(new URL('../../src/item-reader-main.ts', import.meta.url))
const WholeReport = ExportReport.extend({ items: z.array(ExportRemark) })

const receivedAtMs = (n: number) => Date.UTC(2026, 0, 1 + (n % 28), 10, 20, 30)
const message = (n: number, body: string, subject = `number ${n}`): ScriptedItem => ({
  ref: n,
  text: `Return-Path: <sender-${n}@example.org>\r\nSubject: ${subject}\r\n\r\n${body}`,
  receivedAtMs: receivedAtMs(n),
})
const event = (name: string): ScriptedItem => ({
  ref: `/dav/Work/${name}.ics`,
  text: `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:${name}\r\nSUMMARY:${name}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
})
const card = (name: string): ScriptedItem => ({
  ref: `/dav/Friends/${name}.vcf`,
  text: `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${name}\r\nFN:${name}\r\nEND:VCARD\r\n`,
})
/** Larger than what is held in memory, with a line to quote far inside. */
const large = `${'lorem ipsum dolor sit amet\r\n'.repeat(200_000)}From the depth\r\n`

const inbox = [
  message(1, 'From here\r\n>From there\r\nplain\r\n'),
  message(2, 'no end of line', 'Grüße aus Köln'),
  message(3, large),
  message(4, 'the word zeppelin stands in the text\r\n'),
  message(5, 'nothing\r\n', 'a zeppelin in the subject'),
]

describe('an export', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let archive: Awaited<ReturnType<typeof captureArchive>>
  beforeAll(async () => {
    folder = await ownFolder('export')
    archive = await captureArchive(
      folder.path,
      'archive',
      [
        scriptedFolder('mail', ['Archive'], []),
        scriptedFolder('mail', ['Archive', '2025'], [message(9, 'old\r\n')]),
        scriptedFolder('mail', ['Archives'], [message(10, 'other\r\n')]),
        scriptedFolder('mail', ['INBOX'], inbox),
        scriptedFolder('calendar', ['Work'], [event('a'), event('b'), { ref: '/dav/Work/c.ics', text: 'no calendar' }]),
        scriptedFolder('contact', ['Friends'], [card('bruno'), card('carla')]),
      ],
      { withTexts: true },
    )
  })
  afterAll(() => folder.remove())

  let round = 0
  const start = (
    order: Partial<ExportOrder> & { readonly format: ExportFormat },
    {
      archivePath = archive.archivePath,
      fullTextPath = archive.fullTextPath,
    }: { archivePath?: string; fullTextPath?: string | null } = {},
    signal = new AbortController().signal,
    onProgress: (progress: Progress) => void = () => {},
  ) => {
    const workFolder = join(folder.path, `export-${++round}`)
    const out = join(workFolder, 'out')
    const done = mkdir(workFolder).then(() =>
      composeExport(
        {
          order: { folder: null, words: null, maxGb: null, ...order },
          ...{ archivePath, fullTextPath, workFolder },
        },
        onProgress,
        signal,
      ),
    )
    return { done, out, workFolder }
  }
  const exported = async (...given: Parameters<typeof start>) => {
    const { done, out } = start(...given)
    const report = await done
    const written = WholeReport.parse(JSON.parse(await readFile(join(out, 'export-report.json'), 'utf8')))
    const { items, ...head } = written
    expect(head).toEqual(report)
    const { inArchive, notAsked, otherKind, written: many, skipped } = report.counts
    expect(notAsked + otherKind + many + skipped).toBe(inArchive)
    for (const { name, sizeBytes } of report.files) expect((await stat(join(out, name))).size).toBe(sizeBytes)
    expect((await readdir(out)).sort()).toEqual(
      [...report.files.map(({ name }) => name), 'export-report.json', 'export-report.txt'].sort(),
    )
    return { report, items, out, text: await readFile(join(out, 'export-report.txt'), 'utf8') }
  }
  const unzipped = async (out: string, name: string) => {
    const to = join(out, 'unzipped')
    await run('unzip', ['-q', join(out, name), '-d', to], { env: { ...process.env, TZ: 'UTC' } })
    const names = (await readdir(to, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(to.length + 1))
    return { names: names.sort(), path: (name: string) => join(to, name) }
  }

  it('as a ZIP of single files holds every item as it is, with its time', async () => {
    const progress: Progress[] = []
    const { report, items, out, text } = await exported({ format: 'zip-eml' }, undefined, undefined, (each) =>
      progress.push(each),
    )
    expect(report.counts).toMatchObject({ inArchive: 12, written: 12, degraded: 0, skipped: 0 })
    expect(report.archive).toMatchObject({ userName: 'anna', isSignatureRight: true, isListRight: true })
    expect(items).toEqual([])
    expect(text).toContain('written         12 ')
    expect(report.files).toHaveLength(1)
    const { names, path } = await unzipped(out, report.files[0]!.name)
    expect(names).toContain('mail/INBOX/000002 Grüße aus Köln.eml')
    expect(names).toContain('contacts/Friends/bruno.vcf')
    expect(names).toHaveLength(12)
    for (const { ref, text } of inbox) {
      const name = names.find((each) => each.startsWith(`mail/INBOX/00000${ref}`))!
      expect(await readFile(path(name), 'latin1')).toBe(Buffer.from(text).toString('latin1'))
      expect((await stat(path(name))).mtimeMs).toBe(receivedAtMs(Number(ref)))
    }
    for (const each of progress) Progress.parse(each)
    const last = progress.at(-1)!
    expect(last).toMatchObject({ itemsDone: 12, itemsExpected: 12 })
    expect(last.bytesDone).toBe(last.bytesExpected)
  })

  it('as mbox has one file a folder, whose messages come back by taking one ">" away', async () => {
    const { report, out } = await exported({ format: 'mbox' })
    expect(report.counts).toMatchObject({ inArchive: 12, written: 7, otherKind: 5, notAsked: 0, degraded: 1 })
    expect(report.reasons).toEqual([{ outcome: 'degraded', code: 'line_end_added', count: 1 }])
    const { names, path } = await unzipped(out, report.files[0]!.name)
    expect(names).toEqual(['Archive/2025.mbox', 'Archives.mbox', 'INBOX.mbox'])
    const text = await readFile(path('INBOX.mbox'), 'utf8')
    const parts = text.split(/^From (?=\S+ \S{3} \S{3} .*\n)/m).slice(1)
    expect(parts).toHaveLength(inbox.length)
    for (const [at, part] of parts.entries()) {
      const line = part.slice(0, part.indexOf('\n'))
      expect(line).toMatch(new RegExp(`^sender-${at + 1}@example.org \\w{3} Jan .* 2026$`))
      const body = part.slice(part.indexOf('\n') + 1).replace(/^>(>*From )/gm, '$1')
      const original = inbox[at]!.text
      expect(body).toBe(original.endsWith('\n') ? `${original}\n` : `${original}\n\n`)
    }
    // A reader that is not ours.
    const script = 'import mailbox,sys; m=mailbox.mbox(sys.argv[1]); print([str(x["subject"]) for x in m])'
    const { stdout } = await run('python3', ['-c', script, path('INBOX.mbox')])
    expect(stdout).toContain("'number 1'")
    expect(stdout.match(/'/g)).toHaveLength(inbox.length * 2)
  })

  it('as iCalendar and vCard has one file a collection, and tells what it leaves out', async () => {
    const calendar = await exported({ format: 'ics' })
    expect(calendar.report.counts).toMatchObject({ written: 2, skipped: 1, otherKind: 9 })
    expect(calendar.report.reasons).toEqual([{ outcome: 'skipped', code: 'malformed', count: 1 }])
    expect(calendar.items).toMatchObject([{ entry: 'calendar/Work/c.ics', outcome: 'skipped', code: 'malformed' }])
    expect(calendar.text).toContain('calendar/Work/c.ics: It is no whole calendar object.')
    const ics = await readFile(join(calendar.out, 'Work.ics'), 'utf8')
    expect(ics.match(/^UID:.*$/gm)).toEqual(['UID:a', 'UID:b'])
    expect(ics.endsWith('END:VCALENDAR\r\n')).toBe(true)

    const cards = await exported({ format: 'vcf' })
    expect(cards.report.files.map(({ name }) => name)).toEqual(['Friends.vcf'])
    expect((await readFile(join(cards.out, 'Friends.vcf'), 'utf8')).match(/^FN:.*$/gm)).toHaveLength(2)
  })

  it('as iCalendar leaves out what would take too much memory, and says so', async () => {
    const huge = event('huge')
    const text = huge.text.replace('SUMMARY:', `X-DATA:${'x'.repeat(16 << 20)}\r\nSUMMARY:`)
    const { archivePath } = await captureArchive(folder.path, 'huge', [
      scriptedFolder('calendar', ['Work'], [{ ...huge, text }, event('small')]),
    ])
    const { report, items, out } = await exported({ format: 'ics' }, { archivePath, fullTextPath: null })
    expect(report.counts).toMatchObject({ written: 1, skipped: 1 })
    expect(items).toMatchObject([{ entry: 'calendar/Work/huge.ics', outcome: 'skipped', code: 'too_large' }])
    expect(await readFile(join(out, 'Work.ics'), 'utf8')).toContain('UID:small')
  })

  it('as MSG has every item as a file of its own, which another reader opens', async () => {
    const { report, items, out } = await exported({ format: 'msg' })
    expect(report.counts).toMatchObject({ inArchive: 12, written: 12, skipped: 0 })
    expect(items).toContainEqual(expect.objectContaining({ entry: 'calendar/Work/c.ics', outcome: 'degraded' }))
    const { names, path } = await unzipped(out, report.files[0]!.name)
    expect(names).toHaveLength(12)
    for (const name of names) {
      const file = await createWorkFiles(out).open(path(name))
      expect(await verifyMsg(file, { signal }).finally(() => file.close())).toMatchObject({ ok: true, faults: [] })
    }
    const eml = join(out, 'read.eml')
    await run('msgconvert', ['--outfile', eml, path('mail/INBOX/000004 number 4.msg')])
    const text = await readFile(eml, 'utf8')
    expect(text).toContain('Subject: number 4')
    expect(text).toContain('the word zeppelin stands in the text')
    const large = await stat(path('mail/INBOX/000003 number 3.msg'))
    expect(large.size).toBeGreaterThan(5_000_000)
  })

  const readPst = async (out: string, name: string) => {
    const to = join(out, `read-${name}`)
    await mkdir(to)
    await readpst(['-q', '-e', '-D', '-o', to, join(out, name)])
    const names = (await readdir(to, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(to.length + 1))
    return { names: names.map((each) => each.split('/').slice(1).join('/')).sort(), to }
  }

  it('as PST is one file with all folders, which another reader opens', async () => {
    const { report, out } = await exported({ format: 'pst' })
    expect(report.counts).toMatchObject({ inArchive: 12, written: 12, skipped: 0 })
    const file = await createWorkFiles(out).open(join(out, report.files[0]!.name))
    const checked = await verifyPst(file, { signal }).finally(() => file.close())
    expect(checked).toMatchObject({ ok: true, faults: [], messages: 12 })
    expect(report.files.map(({ name }) => name)).toEqual([expect.stringMatching(/^anna \d{4}-\d\d-\d\d\.pst$/)])
    const { names } = await readPst(out, report.files[0]!.name)
    expect(names.filter((name) => name.startsWith('INBOX/'))).toHaveLength(5)
    expect(names.filter((name) => name.startsWith('Archive/2025/'))).toHaveLength(1)
    expect(names.filter((name) => name.startsWith('Calendars/Work/'))).toHaveLength(2)
    expect(names.filter((name) => name.startsWith('Contacts/Friends/'))).toHaveLength(2)
    const { stdout } = await run('lspst', [join(out, report.files[0]!.name)])
    for (const subject of ['number 1', 'Grüße aus Köln', 'a zeppelin in the subject']) expect(stdout).toContain(subject)
  })

  it('takes a folder with what lies below it, and no other that begins alike', async () => {
    const { report, out } = await exported({ format: 'zip-eml', folder: 'Archive' })
    expect(report.counts).toMatchObject({ inArchive: 12, written: 1, notAsked: 11 })
    const { names } = await unzipped(out, report.files[0]!.name)
    expect(names).toEqual(['mail/Archive/2025/000009 number 9.eml'])
    await expect(start({ format: 'zip-eml', folder: 'archive' }).done).rejects.toMatchObject({ code: 'invalid_params' })
  })

  it('finds words in header and text, and in the header alone where texts are not indexed', async () => {
    const both = await exported({ format: 'zip-eml', words: 'zeppelin' })
    expect(both.report).toMatchObject({ wordsIn: 'header and text', counts: { written: 2, notAsked: 10 } })
    const header = await exported({ format: 'zip-eml', words: 'Zeppelin' }, { fullTextPath: null })
    expect(header.report).toMatchObject({ wordsIn: 'header', counts: { written: 1, notAsked: 11 } })
    // One word stands in the subject, the other in the text.
    const mixed = await exported({ format: 'mbox', words: 'number zeppelin' })
    expect(mixed.report.counts).toMatchObject({ written: 1, notAsked: 6, otherKind: 5 })
  })

  it('leaves out what is damaged and says so; the rest is whole', async () => {
    const bytes = await readFile(archive.archivePath)
    const damaged = join(folder.path, 'damaged.zip')
    const at = bytes.indexOf('000004 number 4.eml') + '000004 number 4.eml'.length + 5
    bytes[at] = bytes[at]! ^ 0xff
    await writeFile(damaged, bytes)
    for (const format of ['zip-eml', 'mbox'] as const) {
      const { report, items, text } = await exported({ format }, { archivePath: damaged })
      expect(report.counts).toMatchObject({ skipped: 1, written: format === 'mbox' ? 6 : 11 })
      expect(items.filter(({ outcome }) => outcome === 'skipped')).toMatchObject([
        { entry: 'mail/INBOX/000004 number 4.eml', outcome: 'skipped' },
      ])
      expect(text).toContain('Damaged')
    }
  })

  it('stops when it is told to, within two seconds, in the middle of an item', async () => {
    const stop = new AbortController()
    const reason = new AppError('cancelled', { details: { by: 'anna' } })
    let stoppedAtMs = 0
    const { done } = start({ format: 'mbox' }, undefined, stop.signal, ({ itemsDone }) => {
      if (itemsDone < 3 || stop.signal.aborted) return
      stoppedAtMs = performance.now()
      stop.abort(reason)
    })
    // Few items: the meter speaks at the end at the latest, so the signal is given at once if it has not spoken before.
    setTimeout(() => {
      if (stop.signal.aborted) return
      stoppedAtMs = performance.now()
      stop.abort(reason)
    }, 5)
    await expect(done).rejects.toBe(reason)
    expect(performance.now() - stoppedAtMs).toBeLessThan(2_000)
  })

  it('refuses a size for what is not split', async () => {
    await expect(start({ format: 'mbox', maxGb: 5 }).done).rejects.toMatchObject({ code: 'invalid_params' })
  })

  describe.skipIf(!canMount())('onto a disk that is small', () => {
    let disk: SmallDisk
    beforeAll(async () => {
      disk = await mountSmallDisk(4 << 20)
    })
    afterAll(() => disk?.unmount())

    it('is refused before it begins', async () => {
      const { archivePath } = archive
      const order = { format: 'zip-eml', folder: null, words: null, maxGb: null } as const
      const work = { order, archivePath, fullTextPath: null, workFolder: disk.path }
      const signal = new AbortController().signal
      await expect(composeExport(work, () => {}, signal)).rejects.toMatchObject({ code: 'export_no_room' })
    })

    it('ends with the reason when the space is gone after all', async () => {
      for (const format of ['mbox', 'msg', 'pst'] as const) {
        const parts = [join(disk.path, `${format}-out`), join(disk.path, `${format}-work`)] as const
        for (const part of parts) await mkdir(part)
        const [out, work] = parts.map(createWorkFiles) as [WorkFiles, WorkFiles]
        const archiveFile = await createWorkFiles(folder.path).open(archive.archivePath)
        await disk.leave(40_000)
        const needs = {
          ...{ archiveFile, out, work, openTexts: null, productVersion: 'test' },
          openReader: (at: AbortSignal) =>
            openReader({ archivePath: archive.archivePath, workFolder: work.folder }, at),
          openIndex: openArchiveIndex,
          freeBytes: async () => null,
          onProgress: () => {},
          nowMs: Date.now,
        }
        const order = { format, folder: null, words: null, maxGb: null }
        const done = runExport(order, needs, new AbortController().signal).finally(() => archiveFile.close())
        await expect(done, format).rejects.toMatchObject({ code: 'disk_full' })
      }
    })
  })

  describe('at the command line', () => {
    const stillbox = (...args: readonly string[]) =>
      run(process.execPath, [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../../src/cli.ts'),
        ...args,
      ])
        .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
        .catch((error: { code: number; stdout: string; stderr: string }) => error)

    it('ends with 0 and leaves nothing but the export', async () => {
      const out = join(folder.path, 'new', 'folder')
      const { code, stdout } = await stillbox('export', '--format', 'vcf', '--out', out, archive.archivePath)
      expect(code).toBe(0)
      expect(stdout).toMatch(/^2 of 12 items written/)
      expect((await readdir(out)).sort()).toEqual(['Friends.vcf', 'export-report.json', 'export-report.txt'])
      const again = await stillbox('export', '--format', 'vcf', '--out', out, archive.archivePath)
      expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is not empty') })
    })

    it('ends with 1 when something was skipped', async () => {
      const given = ['export', '--format', 'ics', '--out', join(folder.path, 'one'), archive.archivePath]
      expect(await stillbox(...given)).toMatchObject({ code: 1, stdout: expect.stringContaining('1 SKIPPED') })
    })

    it.each([
      [['--format', 'outlook'], 'There is no format “outlook”: zip-eml'],
      [[], 'Say which format'],
      [['--format', 'mbox', '--folder', 'Nowhere'], 'has no folder “Nowhere”'],
      [['--format', 'mbox', '--max-gb', 'much'], '--max-gb takes a number'],
    ])('ends with 2 and a sentence for %j, and leaves nothing', async (given, sentence) => {
      const out = join(folder.path, 'not made')
      const { code, stderr } = await stillbox('export', ...given, '--out', out, archive.archivePath)
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) })
      await expect(stat(out)).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
})
