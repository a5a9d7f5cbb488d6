import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArchiveIndexBuilder, openArchiveIndex } from '../../src/adapters/sqlite/archive-index.ts'
import { createFullTextBuilder, openFullText } from '../../src/adapters/sqlite/full-text-index.ts'
import { createWorkFiles } from '../../src/adapters/work/work-files.ts'
import { buildFullText } from '../../src/domain/archive/build-full-text.ts'
import { parseManifest } from '../../src/domain/archive/manifest.ts'
import { snapshotOfArchive } from '../../src/domain/archive/snapshot-of-archive.ts'
import { verifyArchive } from '../../src/domain/archive/verify-archive.ts'
import { createCapture } from '../../src/domain/capture/capture.ts'
import type { CaptureOutcome, CaptureRequest } from '../../src/ports/capture.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Unpacked, unpack } from '../../testkit/unpack.ts'
import {
  createScriptedReaders,
  type ReadersScript,
  type ScriptedItem,
  scriptedFolder,
} from '../doubles/scripted-readers.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const mail = (from: number, to: number): ScriptedItem[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({
    ref: from + at,
    text: `Subject: number ${from + at}\r\n\r\n${'x'.repeat(((from + at) % 300) * 7)}\r\n`,
    receivedAtMs: Date.UTC(2026, 0, 1 + ((from + at) % 28)),
  }))
const events = (folder: string, ...names: readonly string[]): ScriptedItem[] =>
  names.map((name) => ({
    ref: `/dav/${folder}/${name}.ics`,
    text: `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:${folder}-${name}\r\nSUMMARY:${name}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  }))
const spec = { technology: 'directory', kind: 'mail', path: '/nowhere' } as const

describe('a capture', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let round = 0
  beforeEach(async () => {
    folder = await ownFolder('capture')
  })
  afterEach(() => folder.remove())

  type Captured = {
    readonly outcome: CaptureOutcome
    readonly archive: Unpacked
    readonly progress: readonly Progress[]
    readonly readers: ReturnType<typeof createScriptedReaders>
  }
  const start = async (script: ReadersScript, changes: Partial<CaptureRequest> = {}, signal?: AbortSignal) => {
    const readers = createScriptedReaders(script)
    const workFolder = join(folder.path, `work-${++round}`)
    await mkdir(workFolder)
    const progress: Progress[] = []
    const capture = createCapture({
      openReaders: readers.openReaders,
      workFiles: createWorkFiles,
      createIndex: createArchiveIndexBuilder,
      signingKeyPem,
      clock: systemClock,
      productVersion: 'test',
      readerCount: script.size ?? 2,
      peakRssBytes: () => 1,
    })
    const request: CaptureRequest = {
      snapshotId: SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'),
      organization: OrganizationId.parse('example'),
      organizationName: 'Example',
      userName: 'anna',
      types: ['mailbox', 'calendar', 'contacts'],
      start: null,
      end: null,
      requestedAt: '2026-01-01T00:00:00.000Z',
      requestedBy: 'admin',
      sources: script.sources.map(() => spec),
      workFolder,
      ...changes,
    }
    const outcome = capture(request, (each) => progress.push(each), signal ?? new AbortController().signal)
    return { outcome, progress, readers, workFolder }
  }
  /** Captures, and checks with the product's own check and with unzip that the archive is whole. */
  const take = async (script: ReadersScript, changes: Partial<CaptureRequest> = {}): Promise<Captured> => {
    const started = await start(script, changes)
    const outcome = await started.outcome
    const file = await createWorkFiles(started.workFolder).open(outcome.archivePath)
    try {
      expect(await verifyArchive(file)).toMatchObject({ ok: true, faults: [], itemCount: outcome.itemCount })
    } finally {
      await file.close()
    }
    expect(await readdir(started.workFolder)).toEqual(['archive.zip.part'])
    const archive = await unpack(outcome.archivePath, join(folder.path, `unpacked-${round}`))
    for (const row of outcome.folders)
      expect(row.taken + row.excludedByRequest + row.notTaken + row.vanished).toBe(row.onServer)
    for (const each of started.progress) Progress.parse(each)
    return { outcome, archive, progress: started.progress, readers: started.readers }
  }
  const manifestOf = async ({ archive }: Captured) =>
    parseManifest((await archive.bytesOf('stillbox.json')).toString('utf8'))
  const accountsOf = ({ outcome }: Captured) => Object.fromEntries(outcome.folders.map((row) => [row.folder, row]))

  it('takes everything, and the sums say so', async () => {
    const captured = await take({
      sources: [
        [
          scriptedFolder('mail', ['INBOX'], mail(1, 30)),
          scriptedFolder('mail', ['INBOX', 'Sub'], [], { isSelectable: false }),
        ],
        [scriptedFolder('calendar', ['work'], events('work', 'b', 'a'))],
      ],
    })
    expect(captured.outcome).toMatchObject({ itemCount: 32, issueCount: 0, remarks: [], issues: [] })
    expect(accountsOf(captured)).toMatchObject({ INBOX: { onServer: 30, taken: 30 }, work: { onServer: 2, taken: 2 } })
    expect((await manifestOf(captured)).capture.secondLookAt).not.toBeNull()
    expect(captured.progress.at(-1)).toMatchObject({ itemsDone: 32, itemsExpected: 32 })
    expect(captured.progress.at(-1)!.bytesDone).toBe(captured.progress.at(-1)!.bytesExpected)
    expect(captured.archive.items.map(({ entry }) => entry).slice(-2)).toEqual([
      'calendar/work/a.ics',
      'calendar/work/b.ics',
    ])
  })

  it.each([
    ['no folder at all', { sources: [[], []] }],
    [
      'folders without items',
      { sources: [[scriptedFolder('mail', ['INBOX'], [])], [scriptedFolder('contact', ['a'], [])]] },
    ],
    ['no source at all', { sources: [] }],
  ] as const)('of %s is an archive that is whole', async (_, { sources }) => {
    const { outcome } = await take({ sources: sources.map((list) => [...list]) })
    expect(outcome).toMatchObject({ itemCount: 0, issueCount: 0, remarks: [] })
  })

  it('with nothing in the range is empty, and says what the request left out', async () => {
    const captured = await take(
      { sources: [[scriptedFolder('mail', ['INBOX'], mail(1, 10))]] },
      { types: ['mailbox'], start: '2020-01-01T00:00:00.000Z', end: '2020-02-01T00:00:00.000Z' },
    )
    expect(captured.outcome.itemCount).toBe(0)
    expect(accountsOf(captured)).toMatchObject({ INBOX: { onServer: 10, taken: 0, excludedByRequest: 10 } })
  })

  it('of only calendars, two of one display name, keeps them apart', async () => {
    const captured = await take({
      sources: [
        [
          scriptedFolder('calendar', ['Work'], events('one', 'x'), { serverName: '/dav/one/' }),
          scriptedFolder('calendar', ['Work'], events('two', 'x'), { serverName: '/dav/two/' }),
        ],
      ],
    })
    expect(captured.outcome.itemCount).toBe(2)
    expect(new Set(captured.archive.items.map(({ entry }) => entry)).size).toBe(2)
    expect(new Set(captured.outcome.folders.map(({ folder: label }) => label)).size).toBe(2)
    const { files, folders } = await manifestOf(captured)
    expect(files.filter(({ entry }) => entry.endsWith('.ics'))).toHaveLength(2)
    for (const { directory } of folders)
      expect((await captured.archive.bytesOf(`${directory}.ics`)).toString('utf8')).toContain('UID:')
  })

  it('of 2,000 folders takes seconds', async () => {
    const startedAt = performance.now()
    const captured = await take({
      sources: [Array.from({ length: 2_000 }, (_, at) => scriptedFolder('mail', [`Folder ${at}`], mail(1, 1)))],
    })
    expect(captured.outcome.itemCount).toBe(2_000)
    expect(captured.readers.widest()).toBeLessThanOrEqual(2)
    expect(performance.now() - startedAt).toBeLessThan(60_000)
  })

  it('gives the same lines, names and root whatever the order in which the readers finish', async () => {
    const sources = () => [
      [scriptedFolder('mail', ['INBOX'], mail(1, 1_300)), scriptedFolder('mail', ['Sent'], mail(1, 200))],
      [scriptedFolder('calendar', ['work'], events('work', 'c', 'a', 'b'))],
    ]
    const taken: Captured[] = []
    for (const delays of [[0], [30, 0, 15, 5], [0, 25, 1, 40]])
      taken.push(
        await take({
          size: 3,
          sources: sources(),
          before: ({ name, nth }) => sleep(name === 'folders' ? 0 : delays[nth % delays.length]!),
        }),
      )
    const lines = await Promise.all(taken.map(({ archive }) => archive.bytesOf('items.jsonl')))
    for (const [at, { outcome, archive }] of taken.entries()) {
      expect(outcome.rootHash).toBe(taken[0]!.outcome.rootHash)
      expect(lines[at]!.equals(lines[0]!)).toBe(true)
      expect(archive.items.map(({ entry }) => entry)).toEqual(taken[0]!.archive.items.map(({ entry }) => entry))
    }
  })

  describe('looks a second time', () => {
    /** Changes the server once all is read: at the second question for folders. */
    const laterThan = (
      sources: ReadersScript['sources'],
      change: (list: ReadersScript['sources'][number]) => void,
    ) => ({
      sources,
      before: ({ name, nth }: { name: string; nth: number }) => {
        if (name === 'folders' && nth === 1) change(sources[0]!)
      },
    })

    it('and names item by item what arrived and what went', async () => {
      const captured = await take(
        laterThan([[scriptedFolder('mail', ['INBOX'], mail(1, 5))]], (list) => {
          list[0]!.items = [...mail(1, 1), ...mail(4, 7)]
        }),
      )
      expect(accountsOf(captured)).toMatchObject({ INBOX: { onServer: 5, taken: 5, vanished: 0, arrivedMeanwhile: 2 } })
      expect(captured.archive.issues.map(({ ref, code }) => `${ref} ${code}`)).toEqual([
        '2 removed_meanwhile',
        '3 removed_meanwhile',
        '6 arrived_meanwhile',
        '7 arrived_meanwhile',
      ])
      expect(captured.outcome.remarks).toHaveLength(1)
    })

    it('and does not name twice what had vanished before it was read', async () => {
      const sources = [[scriptedFolder('mail', ['INBOX'], mail(1, 5))]]
      const captured = await take({
        sources,
        before: ({ name }) => {
          if (name === 'read') sources[0]![0]!.items = mail(2, 5)
        },
      })
      expect(accountsOf(captured)).toMatchObject({ INBOX: { onServer: 5, taken: 4, vanished: 1 } })
      expect(captured.archive.issues).toMatchObject([{ ref: '1', code: 'vanished' }])
    })

    it('and says that folders came, went, or were replaced', async () => {
      const sources = [
        [
          scriptedFolder('mail', ['INBOX'], mail(1, 2)),
          scriptedFolder('mail', ['Old'], mail(1, 2)),
          scriptedFolder('mail', ['Same'], mail(1, 2)),
        ],
      ]
      const captured = await take(
        laterThan(sources, (list) => {
          list.splice(
            1,
            2,
            scriptedFolder('mail', ['Same'], [], { generation: '2' }),
            scriptedFolder('mail', ['New', 'a/b'], mail(1, 3)),
          )
        }),
      )
      expect(captured.outcome.itemCount).toBe(6)
      expect(captured.outcome.remarks.join('\n')).toMatch(/1 new folder.*\n1 folder.*removed.*\n1 folder.*replaced/)
      // The archive says so too: remarks live in the database alone.
      expect(captured.archive.issues).toMatchObject([
        { folder: 'Old', ref: null, code: 'removed_meanwhile', text: expect.stringMatching(/removed or renamed/) },
        { folder: 'Same', ref: null, code: 'removed_meanwhile', text: expect.stringMatching(/another/) },
        { folder: 'New/a%2Fb', ref: null, code: 'arrived_meanwhile', text: expect.stringMatching(/not part of/) },
      ])
      expect(captured.outcome.issueCount).toBe(3)
      expect(captured.outcome.issues).toHaveLength(3)
    })

    it('and a folder that goes between its questions does not fail it', async () => {
      const sources = [[scriptedFolder('mail', ['INBOX'], mail(1, 2)), scriptedFolder('mail', ['Old'], mail(1, 2))]]
      const captured = await take({
        sources,
        before: ({ name, nth }) => {
          if (name === 'list' && nth === 2) sources[0]!.splice(1, 1)
        },
      })
      expect(captured.outcome).toMatchObject({ itemCount: 4, issueCount: 1 })
      expect(captured.archive.issues).toMatchObject([{ folder: 'Old', ref: null, code: 'removed_meanwhile' }])
      expect(captured.outcome.remarks.join()).toMatch(/1 folder.*removed/)
    })

    it('once more after a passing failure, and counts nothing twice', async () => {
      const sources = [[scriptedFolder('mail', ['INBOX'], mail(1, 5)), scriptedFolder('mail', ['Sent'], mail(1, 5))]]
      const captured = await take({
        size: 1,
        sources,
        before: ({ name, nth }) => {
          if (name === 'list' && nth === 2) sources[0]![0]!.items = mail(1, 6)
          if (name === 'list' && nth === 3)
            throw new AppError('source_unreachable', { details: { host: 'h', reason: 'r' } })
        },
      })
      expect(accountsOf(captured)).toMatchObject({ INBOX: { arrivedMeanwhile: 1 } })
      expect(captured.outcome.issueCount).toBe(1)
      expect((await manifestOf(captured)).capture.secondLookAt).not.toBeNull()
    })

    it.each([
      ['twice for a passing reason', 'source_unreachable', 2],
      ['once for a lasting one', 'source_sign_in_refused', 1],
    ] as const)('in vain, %s: the archive is kept, with a remark', async (_, code, looks) => {
      const captured = await take({
        sources: [[scriptedFolder('mail', ['INBOX'], mail(1, 5))]],
        before: ({ name, nth }) => {
          if (name === 'folders' && nth > 0)
            throw new AppError(code, { details: { host: 'mail.example.org', reason: 'no', userName: 'anna' } })
        },
      })
      expect(captured.outcome).toMatchObject({ itemCount: 5, issueCount: 0 })
      expect(captured.outcome.remarks).toHaveLength(1)
      expect(captured.outcome.remarks[0]).toContain('mail.example.org')
      expect((await manifestOf(captured)).capture.secondLookAt).toBeNull()
      expect(captured.readers.counts.folders).toBe(1 + looks)
    })

    it('but what is no failure of a source is not hidden', async () => {
      const { outcome } = await start({
        sources: [[scriptedFolder('mail', ['INBOX'], mail(1, 5))]],
        before: ({ name, nth }) => {
          if (name === 'folders' && nth > 0) throw new TypeError('a mistake in the program')
        },
      })
      await expect(outcome).rejects.toThrow('a mistake in the program')
    })
  })

  it('goes on without a folder that goes before it is listed, or while it is read', async () => {
    const sources = [[scriptedFolder('mail', ['A'], mail(1, 3)), scriptedFolder('mail', ['B'], mail(1, 3))]]
    const unlisted = await take({
      size: 1,
      sources,
      before: ({ name, nth }) => {
        if (name === 'list' && nth === 0) sources[0]!.shift()
      },
    })
    expect(unlisted.outcome).toMatchObject({ itemCount: 3, issueCount: 0 })
    expect(unlisted.outcome.remarks.join()).toMatch(/1 folder.* before they could be read/)

    const again = [[scriptedFolder('mail', ['A'], mail(1, 3)), scriptedFolder('mail', ['B'], mail(1, 3))]]
    const unread = await take({
      sources: again,
      before: ({ name, nth }) => {
        if (name === 'read' && nth === 0) again[0]!.shift()
      },
    })
    expect(unread.outcome.itemCount).toBe(3)
    expect(accountsOf(unread)).toMatchObject({ A: { onServer: 3, taken: 0, vanished: 3 }, B: { taken: 3 } })
  })

  it('fails when the whole source has gone', async () => {
    const { outcome } = await start({
      sources: [[scriptedFolder('mail', ['A'], mail(1, 3))]],
      before: ({ name, nth }) => {
        if (name === 'read' || nth > 0) throw new AppError('source_gone', { details: { reason: 'no such account' } })
      },
    })
    await expect(outcome).rejects.toMatchObject({ code: 'source_gone' })
  })

  it('stops all readers at once when one fails, and closes everything', async () => {
    const { outcome, readers, workFolder } = await start({
      size: 3,
      sources: [[scriptedFolder('mail', ['INBOX'], mail(1, 4_000))]],
      before: async ({ name, nth }) => {
        if (name !== 'read') return
        if (nth !== 1) await sleep(60_000, undefined, { ref: false })
        await sleep(20)
        throw new AppError('source_timeout', { details: { host: 'h', seconds: 1 } })
      },
    })
    const startedAt = performance.now()
    await expect(outcome).rejects.toMatchObject({ code: 'source_timeout' })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(readers.underWay()).toBe(0)
    expect(readers.counts.closed).toBeGreaterThan(0)
    expect(readers.counts.read).toBe(3)
    // Nothing holds the folder any more.
    expect((await readdir(workFolder)).length).toBeGreaterThan(0)
  })

  it.each(['folders', 'list', 'read'] as const)('ends with the reason of an abort during %s', async (during) => {
    const aborter = new AbortController()
    const reason = new AppError('cancelled', { details: { by: 'anna' } })
    const { outcome, readers } = await start(
      {
        sources: [[scriptedFolder('mail', ['INBOX'], mail(1, 50))]],
        before: async ({ name }) => {
          if (name !== during) return
          aborter.abort(reason)
          await sleep(60_000, undefined, { ref: false })
        },
      },
      {},
      aborter.signal,
    )
    await expect(outcome).rejects.toBe(reason)
    expect(readers.underWay()).toBe(0)
  })

  describe('and the text of its messages', () => {
    const build = async (archivePath: string, onProgress: (progress: Progress) => void, signal: AbortSignal) => {
      const file = await createWorkFiles(folder.path).open(archivePath)
      try {
        return await buildFullText(
          file,
          'words.sqlite',
          {
            files: createWorkFiles(folder.path),
            openIndex: openArchiveIndex,
            createFullText: createFullTextBuilder,
            onProgress,
            // Every look at the clock is a second later, so that each item is reported.
            nowMs: () => (now += 1_000),
          },
          signal,
        )
      } finally {
        await file.close()
      }
    }
    let now = 0
    const sources = () => [
      [
        scriptedFolder(
          'mail',
          ['INBOX'],
          [
            { ref: 1, text: 'Subject: one\r\n\r\nonly the body says Elephant\r\n' },
            { ref: 2, text: 'Subject: two\r\n\r\nnothing of the kind\r\n' },
          ],
        ),
      ],
      [scriptedFolder('calendar', ['work'], events('work', 'a', 'b'))],
    ]
    const never = new AbortController().signal
    const leftovers = async () => (await readdir(folder.path)).filter((name) => name.endsWith('.part'))

    it('can be searched by words of their bodies; progress counts messages alone', async () => {
      const { outcome } = await take({ sources: sources() })
      const progress: Progress[] = []
      const path = join(folder.path, 'words.sqlite')
      await writeFile(path, 'an older index')
      expect(await build(outcome.archivePath, (each) => progress.push(each), never)).toEqual({ itemsIndexed: 2 })
      const fullText = openFullText(path)
      try {
        expect(fullText.search('elephant', { limit: 10 })).toHaveLength(1)
        expect(fullText.search('summary', { limit: 10 })).toEqual([])
      } finally {
        fullText.close()
      }
      const last = Progress.parse(progress.at(-1))
      expect(last).toMatchObject({ itemsDone: 2, itemsExpected: 2 })
      expect(last.bytesDone).toBe(last.bytesExpected)
      expect(await leftovers()).toEqual([])
    })

    it('is left as it was when the work is aborted or the archive is damaged', async () => {
      const { outcome } = await take({ sources: sources() })
      const path = join(folder.path, 'words.sqlite')
      await writeFile(path, 'an older index')
      const aborter = new AbortController()
      const reason = new AppError('shutting_down')
      await expect(build(outcome.archivePath, () => aborter.abort(reason), aborter.signal)).rejects.toBe(reason)
      const bytes = await readFile(outcome.archivePath)
      const at = bytes.indexOf('.eml') + 10
      bytes[at] = bytes[at]! ^ 0xff
      const damaged = join(folder.path, 'damaged.zip')
      await writeFile(damaged, bytes)
      await expect(build(damaged, () => {}, never)).rejects.toMatchObject({ code: 'archive_invalid' })
      expect(await readFile(path, 'utf8')).toBe('an older index')
      expect(await leftovers()).toEqual([])
    })

    it('is asked of an archive of calendars only: an index of nothing', async () => {
      const { outcome } = await take({ sources: [[scriptedFolder('calendar', ['work'], events('work', 'a'))]] })
      expect(await build(outcome.archivePath, () => {}, never)).toEqual({ itemsIndexed: 0 })
    })
  })

  it('tells of the snapshot it is, without a database', async () => {
    const { outcome } = await take({ sources: [[scriptedFolder('mail', ['INBOX'], mail(1, 3))]] })
    const file = await createWorkFiles(folder.path).open(outcome.archivePath)
    try {
      const { snapshot, folders, issues } = await snapshotOfArchive(file)
      expect(Snapshot.parse(snapshot)).toMatchObject({
        state: 'available',
        userName: 'anna',
        itemCount: 3,
        rootHash: outcome.rootHash,
        archiveSizeBytes: outcome.sizeBytes,
      })
      expect(folders).toEqual(outcome.folders)
      expect(issues).toEqual([])
    } finally {
      await file.close()
    }
  })
})
