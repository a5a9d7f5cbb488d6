import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ErrorCode } from '@stillbox/shared/errors/error-catalog.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DeliveryFile, DestinationSpec, OpenDelivery } from './delivery.ts'

/** A destination that works, and a look behind it. */
export type DeliveryContractSetUp = {
  readonly openDelivery: OpenDelivery
  readonly destination: DestinationSpec
  /** Credentials the server refuses. */
  readonly refusedAuth: DestinationSpec['auth']
  /** Whether the server computes checksums. */
  readonly hasChecksums: boolean
  /** Size of the file that is cut three times. */
  readonly interruptedBytes: number
  /** A port before the server whose next connection that sends so many bytes breaks, or falls silent. */
  readonly fragile: {
    readonly port: number
    cutNextAfter(bytes: number): void
    stallNextAfter(bytes: number): void
    readonly bytesUp: number
  }
  /** What is in the folder, by name. */
  names(): Promise<readonly string[]>
  read(name: string): Promise<Buffer>
  write(name: string, bytes: Uint8Array): Promise<void>
  /** Empties the folder. */
  clear(): Promise<void>
  stop(): Promise<void>
}

/** Bytes that differ at every place and cost nothing to make: neither zeros nor shifted copies pass for them. */
export const patterned = (sizeBytes: number, seed = 1): Buffer => {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4))
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  return Buffer.from(words.buffer, 0, sizeBytes)
}
const fileOf = (bytes: Buffer): DeliveryFile => ({
  sizeBytes: bytes.length,
  read: async (offset, lengthBytes) => Buffer.from(bytes.subarray(offset, offset + lengthBytes)),
})
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const never = () => new AbortController().signal
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
const expectCode = async (promise: Promise<unknown>, code: ErrorCode): Promise<AppError> => {
  const error = await failure(promise)
  if (!(error instanceof AppError)) throw error
  expect(error.code).toBe(code)
  return error
}

export const deliveryContract = (name: string, setUp: () => Promise<DeliveryContractSetUp>): void => {
  describe(name, () => {
    let world: DeliveryContractSetUp
    beforeAll(async () => {
      world = await setUp()
    })
    afterAll(() => world?.stop())
    beforeEach(() => world.clear())

    const send = (
      bytes: Buffer,
      {
        as = 'archive.zip',
        partName,
        folders = [],
        replace = false,
        to = {},
        signal = never(),
        file = fileOf(bytes),
        seen = [],
      }: {
        as?: string
        partName?: string
        folders?: readonly string[]
        replace?: boolean
        to?: Partial<DestinationSpec>
        signal?: AbortSignal
        file?: DeliveryFile
        seen?: number[]
      } = {},
    ) =>
      world.openDelivery({ ...world.destination, ...to }).deliver({
        file,
        folders,
        name: as,
        ...(partName === undefined ? {} : { partName }),
        replace,
        onProgress: (bytesDone) => seen.push(bytesDone),
        signal,
      })

    test.each([0, 1, 65_536, 261_120, 3_000_001])('delivers %i bytes', async (sizeBytes) => {
      const bytes = patterned(sizeBytes)
      const seen: number[] = []
      const { path, ...rest } = await send(bytes, { seen })
      expect(path.endsWith('/archive.zip')).toBe(true)
      expect(rest).toEqual(world.hasChecksums ? { sha256: sha256(bytes) } : {})
      expect(await world.names()).toEqual(['archive.zip'])
      expect(Buffer.compare(await world.read('archive.zip'), bytes)).toBe(0)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
      expect(seen.at(-1)).toBe(sizeBytes)
    })

    test('does not mix two files that come under one name at the same time, if each has a name of its own until then', async () => {
      const [one, other] = [patterned(3_000_001, 1), patterned(3_000_001, 2)]
      const [otherBegan, oneEnded] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      /** The second half waits. */
      const halting = (bytes: Buffer, until: Promise<void>): DeliveryFile => ({
        ...fileOf(bytes),
        read: async (offset, lengthBytes) => {
          if (offset + lengthBytes > bytes.length / 2) await until
          return fileOf(bytes).read(offset, lengthBytes)
        },
      })
      const first = send(one, { partName: 'archive.zip.1.part', file: halting(one, otherBegan.promise) }).finally(
        oneEnded.resolve,
      )
      const seen: number[] = []
      const second = failure(
        send(other, { partName: 'archive.zip.2.part', file: halting(other, oneEnded.promise), seen }),
      )
      await expect.poll(() => seen.length, { timeout: 15_000 }).toBeGreaterThan(0)
      otherBegan.resolve()
      await first
      expect(await second).toMatchObject({ code: 'destination_exists' })
      expect(Buffer.compare(await world.read('archive.zip'), one)).toBe(0)
      expect(await world.names()).toEqual(['archive.zip', 'archive.zip.2.part'])
    })

    test.each([
      "it's $(touch gone) `touch gone`; touch gone",
      'a\nb\tc "quoted" \\0041 %s!! ünï ✓ 日本',
      '-rf',
      '~root',
      ' * ',
      'x'.repeat(250),
    ])('takes the name %j as it is', async (as) => {
      const bytes = patterned(1_000)
      const { path } = await send(bytes, { as })
      expect(path.endsWith(`/${as}`)).toBe(true)
      expect(await world.names()).toEqual([as])
      expect(Buffer.compare(await world.read(as), bytes)).toBe(0)
    })

    test.each(['', '..', '../a', 'a/b', 'archive.zip'])('refuses the name %j until it is whole', async (partName) => {
      await expectCode(send(patterned(10), { partName }), 'invalid_params')
      expect(await world.names()).toEqual([])
    })

    test.each(['', '.', '..', 'a/b', '../a', 'a\0b', 'x'.repeat(251)])('refuses the name %j', async (as) => {
      await expectCode(send(patterned(10), { as }), 'invalid_params')
      expect(await world.names()).toEqual([])
    })

    test.each([
      [['with space', "it's $(touch gone) `touch gone`", 'ünï ✓ 日本', 'x'.repeat(250), '...']],
      [['-rf', '~root', ' * ', 'a\nb', '\\0041 %s!!', ...Array.from({ length: 7 }, (_, i) => `folder ${i}`)]],
    ])('makes the folders %j', async (folders) => {
      const bytes = patterned(1_000)
      const below = `${folders.join('/')}/`
      const { path } = await send(bytes, { folders })
      expect(path.endsWith(`/${below}archive.zip`)).toBe(true)
      expect(Buffer.compare(await world.read(`${below}archive.zip`), bytes)).toBe(0)
      await expectCode(send(patterned(1_500), { folders }), 'destination_exists')
      expect(await world.names()).toEqual([folders[0]])
    })

    test('makes a folder that several want at the same time', async () => {
      const names = ['a.zip', 'b.zip', 'c.zip']
      await Promise.all(names.map((as) => send(patterned(1_000), { folders: ['new', 'deep'], as })))
      for (const as of names) expect((await world.read(`new/deep/${as}`)).length).toBe(1_000)
    })

    test('goes on below a folder where an earlier upload ended', async () => {
      const bytes = patterned(2_000_000)
      await send(patterned(10), { folders: ['in'], as: 'other.zip' })
      await world.write('in/archive.zip.part', bytes.subarray(0, 1_500_000))
      const seen: number[] = []
      await send(bytes, { folders: ['in'], seen })
      expect(seen[0]).toBeGreaterThan(1_400_000)
      expect(Buffer.compare(await world.read('in/archive.zip'), bytes)).toBe(0)
    })

    test.each([[['']], [['a', '..']], [['.']], [['a/b']], [['a\0b']], [['x'.repeat(251)]]])(
      'refuses the folders %j',
      async (folders) => {
        await expectCode(send(patterned(10), { folders }), 'invalid_params')
        expect(await world.names()).toEqual([])
      },
    )

    test('leaves a file that lies where a folder should be', async () => {
      await world.write('taken', patterned(10))
      const error = await expectCode(send(patterned(10), { folders: ['taken', 'deep'] }), 'destination_exists')
      expect(error.details.name).toBe('taken')
      expect(await world.names()).toEqual(['taken'])
    })

    test('does not make the folder of the destination itself', async () => {
      const path = `${world.destination.path}/not`
      await expectCode(send(patterned(10), { to: { path }, folders: ['there'] }), 'destination_folder_missing')
      expect(await world.names()).toEqual([])
    })

    test('does not connect to this machine, unless it is allowed', async () => {
      const closed = { allowedAddresses: [] }
      for (const host of [world.destination.host, 'localhost', '::ffff:127.0.0.1', '0.0.0.0', '0x7f000001']) {
        const error = await expectCode(send(patterned(10), { to: { ...closed, host } }), 'destination_forbidden')
        expect(error.details.host).toContain(host)
      }
      const open = { host: 'localhost', allowedAddresses: ['127.0.0.0/8'] }
      await send(patterned(10), { to: open })
      expect(await world.names()).toEqual(['archive.zip'])
      await expectCode(world.openDelivery({ ...world.destination, ...closed }).probe(never()), 'destination_forbidden')
    })

    test('leaves what is there, unless it is to be replaced', async () => {
      const before = patterned(2_000, 7)
      const bytes = patterned(1_000)
      await world.write('archive.zip', before)
      await expectCode(send(bytes), 'destination_exists')
      expect(await world.names()).toEqual(['archive.zip'])
      expect(Buffer.compare(await world.read('archive.zip'), before)).toBe(0)
      await send(bytes, { replace: true })
      expect(await world.names()).toEqual(['archive.zip'])
      expect(Buffer.compare(await world.read('archive.zip'), bytes)).toBe(0)
    })

    test('takes the very file for delivered where the server can tell, and another of its size for another', async () => {
      const bytes = patterned(100_000)
      const first = await send(bytes)
      const upBefore = world.fragile.bytesUp
      const again = send(bytes, { to: { port: world.fragile.port } })
      if (world.hasChecksums) expect(await again).toEqual(first)
      else await expectCode(again, 'destination_exists')
      expect(world.fragile.bytesUp - upBefore).toBeLessThan(20_000)
      await expectCode(send(patterned(100_000, 5)), 'destination_exists')
      expect(Buffer.compare(await world.read('archive.zip'), bytes)).toBe(0)
    })

    test('goes on where an earlier upload ended', async () => {
      const bytes = patterned(3_000_000)
      await world.write('archive.zip.part', bytes.subarray(0, 2_000_000))
      const seen: number[] = []
      const upBefore = world.fragile.bytesUp
      await send(bytes, { seen, to: { port: world.fragile.port } })
      expect(seen[0]).toBeGreaterThan(1_900_000)
      expect(world.fragile.bytesUp - upBefore).toBeLessThan(1_500_000)
      expect(await world.names()).toEqual(['archive.zip'])
      expect(Buffer.compare(await world.read('archive.zip'), bytes)).toBe(0)
    })

    test.each([
      ['of another file', patterned(2_000_000, 9)],
      [
        'with a hole before its end',
        Buffer.concat([
          patterned(1_500_000),
          Buffer.alloc(100_000),
          patterned(3_000_000).subarray(1_600_000, 2_000_000),
        ]),
      ],
      ['longer than the file', Buffer.concat([patterned(3_000_000), Buffer.alloc(1)])],
    ])('starts again when the part is %s', async (_, part) => {
      const bytes = patterned(3_000_000)
      await world.write('archive.zip.part', part)
      await send(bytes)
      expect(await world.names()).toEqual(['archive.zip'])
      expect(Buffer.compare(await world.read('archive.zip'), bytes)).toBe(0)
    })

    test('arrives whole after three cuts, each time sending only the rest', async () => {
      const sizeBytes = world.interruptedBytes
      const bytes = patterned(sizeBytes)
      const starts: number[] = []
      const upBefore = world.fragile.bytesUp
      const fragile = { port: world.fragile.port }
      for (let cut = 0; cut < 3; cut++) {
        const seen: number[] = []
        world.fragile.cutNextAfter(sizeBytes / 4)
        await expectCode(send(bytes, { to: fragile, seen }), 'destination_unreachable')
        expect(await world.names()).toEqual(['archive.zip.part'])
        starts.push(seen[0]!)
      }
      const seen: number[] = []
      await send(bytes, { to: fragile, seen })
      starts.push(seen[0]!)
      for (let i = 1; i < starts.length; i++) expect(starts[i]).toBeGreaterThan(starts[i - 1]! + sizeBytes / 64)
      expect(starts.at(-1)).toBeGreaterThan(sizeBytes / 3)
      expect(world.fragile.bytesUp - upBefore).toBeLessThan(1.7 * sizeBytes)
      expect(await world.names()).toEqual(['archive.zip'])
      expect(sha256(await world.read('archive.zip'))).toBe(sha256(bytes))
    })

    test('gives up on a server that falls silent', async () => {
      world.fragile.stallNextAfter(2_000_000)
      const startedAt = Date.now()
      const error = await expectCode(
        send(patterned(20_000_000), { to: { port: world.fragile.port, timeoutMs: 1_500 } }),
        'destination_timeout',
      )
      expect(Date.now() - startedAt).toBeLessThan(10_000)
      expect(error.details.seconds).toBe(1.5)
      expect(await world.names()).not.toContain('archive.zip')
    })

    test('gives up on a server that never greets', async () => {
      world.fragile.stallNextAfter(1)
      await expectCode(send(patterned(10), { to: { port: world.fragile.port, timeoutMs: 700 } }), 'destination_timeout')
    })

    test('stops with the reason of the signal, and goes on in the next call', async () => {
      const bytes = patterned(24_000_000)
      const controller = new AbortController()
      const reason = new Error('enough')
      let abortedAt = 0
      const delivery = world.openDelivery(world.destination).deliver({
        file: fileOf(bytes),
        folders: [],
        name: 'archive.zip',
        replace: false,
        onProgress: (bytesDone) => {
          if (abortedAt > 0 || bytesDone < 6_000_000) return
          abortedAt = Date.now()
          controller.abort(reason)
        },
        signal: controller.signal,
      })
      await expect(delivery).rejects.toBe(reason)
      expect(Date.now() - abortedAt).toBeLessThan(5_000)
      expect(await world.names()).toEqual(['archive.zip.part'])
      const seen: number[] = []
      await send(bytes, { seen })
      expect(seen[0]).toBeGreaterThan(1_000_000)
      expect(Buffer.compare(await world.read('archive.zip'), bytes)).toBe(0)
    })

    test('stops while the file itself does not answer', async () => {
      const controller = new AbortController()
      const reason = new Error('enough')
      const hanging: DeliveryFile = { sizeBytes: 1_000_000, read: () => new Promise(() => {}) }
      const delivery = send(Buffer.alloc(0), { file: hanging, signal: controller.signal })
      const outcome = expect(delivery).rejects.toBe(reason)
      await sleep(500)
      const abortedAt = Date.now()
      controller.abort(reason)
      await outcome
      expect(Date.now() - abortedAt).toBeLessThan(5_000)
    })

    test('does nothing for a signal that is aborted already', async () => {
      const reason = new Error('before it began')
      await expect(send(patterned(10), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(await world.names()).toEqual([])
    })

    test('hands on what the file throws', async () => {
      const bytes = patterned(5_000_000)
      const broken = new Error('the disk of the test is broken')
      const file: DeliveryFile = {
        sizeBytes: bytes.length,
        read: async (offset, lengthBytes) => {
          if (offset + lengthBytes > 3_000_000) throw broken
          return bytes.subarray(offset, offset + lengthBytes)
        },
      }
      await expect(send(bytes, { file })).rejects.toBe(broken)
      expect(await world.names()).not.toContain('archive.zip')
    })

    test('refuses a host key that is not the saved one, and names both', async () => {
      const saved = `SHA256:${'A'.repeat(43)}`
      const error = await expectCode(
        send(patterned(10), { to: { hostKeyFingerprints: [saved] } }),
        'destination_host_key_changed',
      )
      expect(error.message).toContain(saved)
      expect(error.message).toContain(world.destination.hostKeyFingerprints[0])
      expect(await world.names()).toEqual([])
    })

    test('never accepts a host key silently', async () => {
      const error = await expectCode(
        send(patterned(10), { to: { hostKeyFingerprints: [] } }),
        'destination_host_key_unknown',
      )
      expect(error.message).toContain(world.destination.hostKeyFingerprints[0])
      await expectCode(
        send(patterned(10), { to: { hostKeyFingerprints: ['', 'SHA256:', '*'] } }),
        'destination_host_key_changed',
      )
      expect(await world.names()).toEqual([])
    })

    test('says that the sign-in was refused', async () => {
      await expectCode(send(patterned(10), { to: { auth: world.refusedAuth } }), 'destination_sign_in_refused')
    })

    test('says that the folder is missing', async () => {
      const path = `${world.destination.path}/not/there`
      const error = await expectCode(send(patterned(10), { to: { path } }), 'destination_folder_missing')
      expect(error.message).toContain(path)
      await expectCode(world.openDelivery({ ...world.destination, path }).probe(never()), 'destination_folder_missing')
    })

    test('says that nothing listens there', async () => {
      // Port 1 is tcpmux, which nobody has run for decades.
      const error = await expectCode(send(patterned(10), { to: { port: 1 } }), 'destination_unreachable')
      expect(error.mayPass).toBe(true)
    })

    test('probes without a trace', async () => {
      await world.openDelivery(world.destination).probe(never())
      expect(await world.names()).toEqual([])
    })
  })
}
