import { createHash, randomFillSync } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failures } from '../../../test/doubles/failing-reader.ts'
import { type ImapScript, type ScriptedImapServer, startScriptedImap } from '../../../testkit/hostile/imap-server.ts'
import { ownFolder } from '../../../testkit/servers/child.ts'
import type { Packed, Readers } from '../../ports/readers.ts'
import type { ImapSourceSpec, ItemIssue, ItemRef, SourceSpec } from '../../ports/source.ts'
import { createReaderThreads } from './reader-threads.ts'

const product = new URL('../../reader-main.ts', import.meta.url)
const failing = new URL('../../../test/doubles/failing-reader.ts', import.meta.url)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const messageOf = (uid: number, sizeBytes: number): Buffer => {
  const bytes = randomFillSync(Buffer.alloc(sizeBytes))
  bytes.write(`Subject: ${uid}\r\n\r\n`, 'latin1')
  return bytes
}

describe('reader threads', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let aborter: AbortController
  let opened: Readers[]
  let servers: ScriptedImapServer[]
  beforeEach(async () => {
    folder = await ownFolder('threads')
    aborter = new AbortController()
    opened = []
    servers = []
  })
  afterEach(async () => {
    for (const readers of opened) await readers.close()
    for (const server of servers) await server.stop()
    await folder.remove()
  })

  const open = (entry: URL, sources: readonly SourceSpec[], size = 2): Readers => {
    const readers = createReaderThreads(entry)({ sources, size, workFolder: folder.path }, aborter.signal)
    opened.push(readers)
    return readers
  }
  const serve = async (script: ImapScript): Promise<ImapSourceSpec> => {
    const server = await startScriptedImap(script)
    servers.push(server)
    return {
      technology: 'imap',
      kind: 'mail',
      host: '127.0.0.1',
      port: server.port,
      tls: { mode: 'none' },
      auth: { method: 'password', userName: 'anna', password: 'secret' },
      compress: false,
      timeoutMs: 4_000,
      plainFetch: false,
    }
  }
  const maildir = async (messages: readonly Buffer[]): Promise<SourceSpec> => {
    const path = join(folder.path, 'maildir')
    for (const name of ['cur', 'new', 'tmp']) await mkdir(join(path, name), { recursive: true })
    for (const [at, bytes] of messages.entries())
      await writeFile(join(path, 'cur', `${1_700_000_000 + at}.M1.host:2,S`), bytes)
    return { technology: 'directory', kind: 'mail', path }
  }
  /** Folders, layout and the list of the first folder. */
  const survey = async (readers: Readers) => {
    const folders = await readers.folders(0)
    readers.layOut(folders)
    return (await readers.list(0, folders[0]!)).refs
  }
  const receiver = (onPacked: (packed: Packed) => Promise<void> = async () => {}) => {
    const taken: { readonly ref: ItemRef; readonly sha256: string }[] = []
    const issues: ItemIssue[] = []
    let bytes = 0
    return {
      taken,
      issues,
      bytes: () => bytes,
      receive: {
        onPacked: async (packed: Packed) => {
          await onPacked(packed)
          for (const { record } of packed.form === 'batch' ? packed.entries : [packed.entry])
            taken.push({ ref: record.uid!, sha256: record.sha256 })
        },
        onIssue: (issue: ItemIssue) => void issues.push(issue),
        onBytes: (count: number) => {
          bytes += count
        },
      },
    }
  }
  const task = (refs: Uint32Array | readonly string[]) => ({ sourceIndex: 0, folderIndex: 0, refs })

  it('read a folder on disk side by side, each message once', async () => {
    const messages = Array.from({ length: 120 }, (_, at) => messageOf(at, 100 + at * 400))
    const readers = open(product, [await maildir(messages)])
    const refs = (await survey(readers)) as Uint32Array
    const { taken, issues, bytes, receive } = receiver()
    await Promise.all([readers.read(task(refs.slice(0, 50)), receive), readers.read(task(refs.slice(50)), receive)])
    expect(issues.filter(({ code }) => code !== 'malformed')).toEqual([])
    expect(taken.map((each) => each.sha256).sort()).toEqual(messages.map(sha256).sort())
    expect(new Set(taken.map(({ ref }) => ref)).size).toBe(120)
    expect(bytes()).toBe(messages.reduce((sum, each) => sum + each.length, 0))
  })

  it('wait for a consumer that takes its time, and read no further', async () => {
    const messages = Array.from({ length: 100 }, (_, at) => messageOf(at, at % 10 === 9 ? 3 << 20 : 200_000))
    const readers = open(product, [await maildir(messages)], 1)
    const refs = await survey(readers)
    const gate = Promise.withResolvers<void>()
    let calls = 0
    const { taken, bytes, receive } = receiver(() => {
      calls += 1
      return gate.promise
    })
    const reading = readers.read(task(refs), receive)
    let before = -1
    while (bytes() === 0 || bytes() !== before) {
      before = bytes()
      await sleep(300)
    }
    // Three buffers of 2 MB, and what a large message has before it is spooled.
    expect(bytes()).toBeLessThan(16 << 20)
    expect(calls).toBe(1)
    expect((await readdir(folder.path)).filter((name) => name.startsWith('spool')).length).toBeLessThanOrEqual(1)
    gate.resolve()
    await reading
    expect(taken).toHaveLength(100)
  })

  it('connect again after a cut, ask for what is missing only, and count no byte twice', async () => {
    const messages = Array.from({ length: 60 }, (_, at) => ({ uid: at + 1, body: messageOf(at + 1, 5_000 + at) }))
    const asked: string[] = []
    let socket: { destroy(): void } | null = null
    let sent = 0
    const spec = await serve({
      folders: [{ name: 'INBOX', uidValidity: 1, messages }],
      intercept: (command) => {
        socket = command.socket
        if (command.name === 'UID FETCH' && /BODY/.test(command.rest)) {
          asked.push(command.rest.split(' ')[0]!)
          sent = 0
        }
        return false
      },
      // Every connection ends in the middle of its thirteenth message: four cuts, and a whole message more each time.
      fetchAnswer: ({ message, wantsBody, sequence }) => {
        if (!wantsBody || ++sent <= 12) return undefined
        if (sent > 13) return null
        const body = Buffer.from(message.body as Uint8Array).toString('latin1')
        setTimeout(() => socket?.destroy(), 20)
        return `* ${sequence} FETCH (UID ${message.uid} FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE ${body.length} BODY[] {${body.length}}\r\n${body.slice(0, 3_000)}`
      },
    })
    const readers = open(product, [spec], 1)
    const refs = await survey(readers)
    const { taken, issues, bytes, receive } = receiver()
    await readers.read(task(refs), receive)
    expect(taken.map(({ ref }) => ref)).toEqual(messages.map(({ uid }) => uid))
    expect(taken.map((each) => each.sha256)).toEqual(messages.map(({ body }) => sha256(body)))
    expect(issues.filter(({ code }) => code !== 'malformed')).toEqual([])
    expect(asked).toEqual(['1:60', '13:60', '25:60', '37:60', '49:60'])
    expect(bytes()).toBe(messages.reduce((sum, { body }) => sum + body.length, 0))
    expect(servers[0]!.intrusions).toEqual([])
  })

  it('hand on what was whole before a failure that lasts', async () => {
    const messages = Array.from({ length: 5 }, (_, at) => ({ uid: at + 1, body: messageOf(at + 1, 500) }))
    let socket: { destroy(): void } | null = null
    const folders = [{ name: 'INBOX', uidValidity: 1, messages }]
    const spec = await serve({
      folders,
      intercept: (command) => {
        socket = command.socket
        return false
      },
      fetchAnswer: ({ message, wantsBody }) => {
        if (!wantsBody || message.uid < 3) return undefined
        folders[0]!.uidValidity = 2
        socket?.destroy()
        return null
      },
    })
    const readers = open(product, [spec], 1)
    const refs = await survey(readers)
    const { taken, receive } = receiver()
    await expect(readers.read(task(refs), receive)).rejects.toMatchObject({ code: 'source_changed' })
    expect(taken.map(({ ref }) => ref)).toEqual([1, 2])
  })

  it.each(['a message of 2 GB', 'a server that is silent', 'the pause before a new connection'] as const)(
    'leave off within a second or two in %s',
    async (during) => {
      let isReading = false
      const spec = await serve({
        folders: [{ name: 'INBOX', uidValidity: 1, messages: [{ uid: 1, body: { sizeBytes: 2_000_000_000 } }] }],
        intercept: ({ name, rest, socket }) => {
          if (name !== 'UID FETCH' || !rest.includes('BODY')) return false
          isReading = true
          if (during === 'the pause before a new connection') socket.destroy()
          return during !== 'a message of 2 GB'
        },
      })
      const readers = open(product, [spec], 1)
      const refs = await survey(readers)
      const { taken, receive } = receiver()
      const reading = readers.read(task(refs), receive)
      reading.catch(() => {})
      await expect.poll(() => isReading).toBe(true)
      await sleep(200)
      const reason = new AppError('cancelled', { details: { by: 'anna' } })
      const abortedAt = performance.now()
      aborter.abort(reason)
      await expect(reading).rejects.toBe(reason)
      await expect(readers.folders(0)).rejects.toBe(reason)
      await readers.close()
      expect(performance.now() - abortedAt).toBeLessThan(2_500)
      await expect.poll(() => servers[0]!.openConnections()).toBe(0)
      expect(taken).toEqual([])
    },
  )

  it('hand nothing on once aborted, though it was packed', async () => {
    const readers = open(product, [await maildir(Array.from({ length: 40 }, (_, at) => messageOf(at, 100_000)))], 1)
    const refs = await survey(readers)
    let calls = 0
    const { receive } = receiver(async () => {
      calls += 1
      await sleep(50)
    })
    const reading = readers.read(task(refs), receive)
    reading.catch(() => {})
    await expect.poll(() => calls, { interval: 5 }).toBe(1)
    aborter.abort(new AppError('shutting_down'))
    await expect(reading).rejects.toMatchObject({ code: 'shutting_down' })
    await readers.close()
    await sleep(100)
    expect(calls).toBe(1)
  })

  it('pass on the failure of a consumer, and go on with the next task', async () => {
    const readers = open(product, [await maildir(Array.from({ length: 60 }, (_, at) => messageOf(at, 100_000)))], 1)
    const refs = await survey(readers)
    const full = new AppError('disk_full', { details: { reason: 'ENOSPC' } })
    for (let round = 0; round < 3; round++) {
      const failed = receiver(() => Promise.reject(full))
      await expect(readers.read(task(refs), failed.receive)).rejects.toBe(full)
    }
    const { taken, receive } = receiver()
    await readers.read(task(refs), receive)
    expect(taken).toHaveLength(60)
  })

  it('give the codes and details of what failed', async () => {
    const spec = await serve({ folders: [] })
    const wrong = { ...spec, auth: { method: 'password', userName: 'anna', password: 'no' } } as const
    const readers = open(product, [wrong, { technology: 'directory', kind: 'mail', path: join(folder.path, 'none') }])
    await expect(readers.folders(0)).rejects.toMatchObject({
      code: 'source_sign_in_refused',
      details: { userName: 'anna' },
    })
    await expect(readers.folders(1)).rejects.toMatchObject({ code: 'source_gone' })
    expect(await readers.folders(0).catch((error: Error) => error.message)).not.toContain('secret')
  })

  describe('that die', () => {
    it.each([
      ['end themselves', failures.exits, 'worker_died', /exit code 3/],
      ['meet what nobody caught', failures.throwsInACallback, 'worker_died', /RangeError/],
      ['run out of memory', failures.runsOutOfMemory, 'out_of_memory', /256 MB/],
    ] as const)('as they %s, fail their call, and another takes their place', async (_, source, code, said) => {
      const readers = open(failing, [], 1)
      const dying = readers.folders(source)
      const waiting = Promise.all([readers.folders(failures.none), readers.folders(failures.none)])
      await expect(dying).rejects.toSatisfy(
        (error) => error instanceof AppError && error.code === code && said.test(error.message),
      )
      expect(await waiting).toEqual([[], []])
      await expect(readers.folders(source)).rejects.toMatchObject({ code })
      expect(await readers.folders(failures.none)).toEqual([])
    })

    it('as their program cannot be loaded', async () => {
      const readers = open(new URL('./no-such-thread.ts', import.meta.url), [], 2)
      for (let round = 0; round < 3; round++)
        await expect(readers.folders(0)).rejects.toMatchObject({ code: 'worker_died' })
    })
  })

  it('tell a failure that is named from one that is not', async () => {
    const readers = open(failing, [], 1)
    await expect(readers.folders(failures.names)).rejects.toMatchObject({ code: 'source_busy', details: { host: 'h' } })
    await expect(readers.folders(failures.isUnforeseen)).rejects.toSatisfy(
      (error) => error instanceof Error && !(error instanceof AppError) && error.message === 'TypeError: x',
    )
  })

  it('carry out more calls than there are threads', async () => {
    const readers = open(failing, [], 3)
    const calls = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) => readers.folders(at % 7 === 6 ? failures.names : failures.none)),
    )
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(52)
  })

  it('close twice, also while one hangs, and take no calls afterwards', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const readers = open(failing, [], 2)
    const hanging = readers.folders(failures.neverAnswers)
    const queued = [readers.folders(failures.neverAnswers), readers.folders(failures.none)]
    for (const call of [hanging, ...queued]) call.catch(() => {})
    await sleep(200)
    const startedAt = performance.now()
    await Promise.all([readers.close(), readers.close()])
    await readers.close()
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    for (const call of [hanging, ...queued, readers.folders(failures.none)])
      await expect(call).rejects.toMatchObject({ code: 'worker_died' })
    aborter.abort(new Error('late'))
    process.off('warning', warned)
    expect(warned).not.toHaveBeenCalled()
  })
})
