import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HostileRule, someObjects, startHostileDav } from '../../testkit/hostile/dav-server.ts'
import { type Gate, startGate } from '../../testkit/hostile/gate.ts'
import {
  factsOf,
  type ImapScript,
  type ScriptedFolder,
  type ScriptedMessage,
  startScriptedImap,
} from '../../testkit/hostile/imap-server.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Dovecot, startDovecot } from '../../testkit/servers/dovecot.ts'
import { needs } from '../../testkit/servers/needs.ts'
import type { Product } from '../../testkit/servers/product.ts'
import {
  archiveOf,
  createSnapshot,
  ended,
  expectMessages,
  expectWhole,
  imapOrganization,
  nothingLeftBut,
  type SnapshotInfo,
  startFaultProduct,
  withUnpacked,
} from './fault-bench.ts'

const text = (no: number, bytes: number): Buffer =>
  Buffer.from(`Subject: Message ${no}\r\nMessage-ID: <${no}@example.org>\r\n\r\n${`line ${no}\r\n`.repeat(bytes / 10)}`)
const messages = (uids: readonly number[], bytes = 6_000): ScriptedMessage[] =>
  uids.map((uid) => ({ uid, body: text(uid, bytes) }))
const upTo = (count: number): number[] => Array.from({ length: count }, (_, no) => no + 1)
const bodiesOf = (list: readonly ScriptedMessage[]): Uint8Array[] => list.map(({ body }) => body as Uint8Array)
const asksForBodies = ({ name, rest }: { readonly name: string; readonly rest: string }): boolean =>
  name === 'UID FETCH' && rest.includes('BODY.PEEK[]')

/** Half of the first message that is asked for, and then the connection is cut. */
const cutInLiteral = async ({ send, socket }: Parameters<NonNullable<ImapScript['intercept']>>[0]) => {
  const message = { uid: 1, body: text(1, 6_000) }
  await send(`* 1 FETCH (${factsOf(message)} BODY[] {${message.body.length}}\r\n`)
  await send(message.body.subarray(0, 3_000))
  socket.end()
  return true
}

/** What each server does; each serves one organization of its name. */
const scripts = () => {
  const inbox = (list: ScriptedMessage[]): ScriptedFolder => ({ name: 'INBOX', uidValidity: 7, messages: list })
  let hasCut = false
  const cutOnce: ImapScript = {
    folders: [inbox(messages(upTo(300)))],
    intercept: async (command) => {
      if (!asksForBodies(command) || hasCut) return false
      hasCut = true
      return cutInLiteral(command)
    },
  }
  const cutAlways: ImapScript = {
    folders: [inbox(messages(upTo(5)))],
    intercept: (command) => asksForBodies(command) && cutInLiteral(command),
  }
  const changing: ImapScript = {
    folders: [inbox(messages(upTo(20)))],
    intercept: ({ socket, ...command }) => {
      const folder = changing.folders[0]!
      if (!asksForBodies({ ...command }) || folder.uidValidity !== 7) return false
      folder.uidValidity = 8
      folder.messages = messages([501, 502, 503])
      socket.end()
      return true
    },
  }
  const losingFolder: ImapScript = {
    folders: [inbox(messages(upTo(3))), { name: 'Old', uidValidity: 3, messages: messages([1, 2, 3, 4]) }],
    intercept: ({ name, rest }) => {
      // Deleted by its owner between the listing and the reading.
      if (name === 'EXAMINE' && rest.includes('Old') && losingFolder.folders.length === 2) {
        if (++looksAtOld > 1) losingFolder.folders.pop()
      }
      return false
    },
  }
  let looksAtOld = 0
  const holding: ImapScript = {
    folders: [inbox(messages(upTo(12), 600))],
    fetchCap: 3,
    fetchAnswer: ({ sequence, message, wantsBody }) => {
      // Counted and never listed.
      if (message.uid === 12) return null
      // Listed and never delivered.
      if ([4, 9].includes(message.uid) && wantsBody) return null
      if (message.uid === 6 && wantsBody) return `* ${sequence} FETCH (${factsOf(message)} BODY[] NIL)\r\n`
      return undefined
    },
    intercept: async ({ tag, rest, send, ...command }) => {
      if (!asksForBodies({ ...command, rest }) || !/^9 /.test(rest)) return false
      await send(`${tag} NO [SERVERBUG] this message cannot be read\r\n`)
      return true
    },
  }
  let hasBegun = false
  const moving: ImapScript = {
    folders: [inbox(messages(upTo(10), 600))],
    intercept: (command) => {
      const folder = moving.folders[0]!
      if (asksForBodies(command) && !hasBegun) {
        hasBegun = true
        folder.messages = [...folder.messages.filter(({ uid }) => uid !== 2), ...messages([100, 101], 600)]
      } else if (command.name === 'EXAMINE' && hasBegun)
        folder.messages = folder.messages.filter(({ uid }) => uid !== 3)
      return false
    },
  }
  return { cutOnce, cutAlways, changing, losingFolder, holding, moving }
}

/** What each calendar server does; each serves one organization of its name. */
const misdeeds: Readonly<Record<string, readonly HostileRule[]>> = {
  'calendar-cut': [{ method: 'REPORT', times: 1, misdeed: { act: 'cut', bytes: 700 } }],
  'calendar-down': [{ misdeed: { act: 'status', status: 503 } }],
}

describe.skipIf(!needs('dovecot') || !needs('unzip'))('a mail server that fails', () => {
  let dovecot: Dovecot
  let gate: Gate
  let product: Product
  let folder: Awaited<ReturnType<typeof ownFolder>>
  const hopeless = new Map<string, Promise<SnapshotInfo>>()
  const script = scripts()
  const servers: { stop(): Promise<void> }[] = []
  const whole: string[] = []
  const mail = Array.from({ length: 900 }, (_, no) => text(no, 6_000))

  beforeAll(async () => {
    folder = await ownFolder('faults')
    await writeFile(join(folder.path, 'users.csv'), 'userName,login\nanna,anna\n')
    dovecot = await startDovecot({ users: { anna: 'secret' } })
    await dovecot.deliver(
      'anna',
      [],
      mail.map((bytes) => ({ bytes })),
    )
    gate = await startGate(dovecot.port)
    const scripted = []
    for (const [name, one] of Object.entries(script)) {
      const server = await startScriptedImap(one)
      servers.push(server)
      scripted.push(imapOrganization(name.toLowerCase(), server.port))
    }
    for (const [name, rules] of Object.entries(misdeeds)) {
      const server = await startHostileDav({ kind: 'calendar', objects: someObjects(40), rules })
      servers.push(server)
      const { mail: _, ...organization } = imapOrganization(name, 1)
      scripted.push({ ...organization, calendar: { technology: 'dav', url: server.url } })
    }
    product = await startFaultProduct({
      config: JSON.stringify({
        limits: { capturesAtOnce: 6 },
        organizations: [
          imapOrganization('real', gate.port),
          imapOrganization('secured', dovecot.tlsPort, { tls: 'implicit' }),
          {
            ...imapOrganization('listed', dovecot.port),
            directory: { type: 'csv', file: join(folder.path, 'users.csv') },
          },
          ...scripted,
        ],
      }),
    })
    // These take all their attempts, with all their patience; looked at last.
    for (const [organization, type] of [
      ['cutalways', 'mailbox'],
      ['calendar-down', 'calendar'],
    ] as const) {
      const { snapshotId } = await createSnapshot(product, { organization, type })
      const end = ended(product, snapshotId, 120_000)
      end.catch(() => {})
      hopeless.set(organization, end)
    }
  })
  afterAll(async () => {
    await product?.stop()
    for (const server of servers) await server.stop()
    await gate?.stop()
    await dovecot?.stop()
    await folder?.remove()
  })

  const capture = async (organization: string, params = {}): Promise<SnapshotInfo> => {
    const { snapshotId } = await createSnapshot(product, { organization, ...params })
    const info = await ended(product, snapshotId)
    if (info.state === 'available') whole.push(snapshotId)
    return info
  }
  const expectSums = ({ folders }: SnapshotInfo) => {
    for (const { taken, excludedByRequest, notTaken, vanished, onServer } of folders)
      expect(taken + excludedByRequest + notTaken + vanished).toBe(onServer)
  }

  test('killed in the middle of a fetch and started again: the archive is complete', async () => {
    const barred = gate.barAfter(2_000_000)
    const { snapshotId } = await createSnapshot(product, { organization: 'real' })
    await barred
    await dovecot.crash()
    gate.cut()
    gate.open()
    // Away for longer than one attempt goes on trying.
    const waiting = await product.until<SnapshotInfo>(snapshotId, ['pending'], 30_000)
    expect(waiting).toMatchObject({ attempt: 1, error: { code: 'source_unreachable' } })
    await dovecot.revive()
    const info = await ended(product, snapshotId)
    expect(info).toMatchObject({ state: 'available', error: null, itemCount: mail.length, issueCount: 0 })
    expect(info.attempt).toBeGreaterThan(1)
    await expectMessages(archiveOf(product, snapshotId), mail)
    whole.push(snapshotId)
  })

  test('cutting the connection once in the middle of a message: the same attempt goes on, without duplicates', async () => {
    const info = await capture('cutonce')
    expect(info).toMatchObject({ state: 'available', attempt: 1, itemCount: 300, issueCount: 0 })
    await expectMessages(archiveOf(product, info.snapshotId), bodiesOf(script.cutOnce.folders[0]!.messages))
  })

  test('whose folder gets another UIDVALIDITY: starts again, and holds the new generation only', async () => {
    const info = await capture('changing')
    expect(info).toMatchObject({ state: 'available', attempt: 2, itemCount: 3, issueCount: 0, error: null })
    expect(info.messages.map((message) => message.text)).toContainEqual(
      expect.stringMatching(/^The folder “INBOX” was replaced or removed on the server/),
    )
    await expectMessages(archiveOf(product, info.snapshotId), bodiesOf(messages([501, 502, 503])))
    await withUnpacked(archiveOf(product, info.snapshotId), async ({ manifest }) => {
      expect(manifest.folders).toMatchObject([{ generation: '8', taken: 3 }])
    })
  })

  test('whose folder is deleted meanwhile: the rest is taken, and each message of it is named', async () => {
    const info = await capture('losingfolder')
    expect(info).toMatchObject({ state: 'available', attempt: 1, itemCount: 3, issueCount: 5 })
    expectSums(info)
    expect(info.folders).toMatchObject([
      { folder: 'INBOX', onServer: 3, taken: 3, vanished: 0 },
      { folder: 'Old', onServer: 4, taken: 0, vanished: 4 },
    ])
    expect(info.issues.map(({ ref, code }) => `${ref} ${code}`)).toEqual([
      ...['1', '2', '3', '4'].map((uid) => `${uid} vanished`),
      'null removed_meanwhile',
    ])
    await expectWhole(archiveOf(product, info.snapshotId))
  })

  test('that holds back what it counts: each is named, and the sum is explained', async () => {
    const info = await capture('holding')
    expect(info).toMatchObject({ state: 'available', itemCount: 8, issueCount: 4, error: null })
    expectSums(info)
    expect(info.folders).toMatchObject([{ onServer: 12, taken: 8, notTaken: 4, vanished: 0 }])
    const named = [
      { ref: null, code: 'not_listed' },
      { ref: '4', code: 'not_returned' },
      { ref: '6', code: 'empty_body' },
      { ref: '9', code: 'fetch_refused' },
    ]
    const byRef = (list: readonly { readonly ref: string | null }[]) =>
      [...list].sort((a, b) => Number(a.ref) - Number(b.ref))
    expect(byRef(info.issues)).toMatchObject(named)
    await expectWhole(archiveOf(product, info.snapshotId))
    await withUnpacked(archiveOf(product, info.snapshotId), async ({ issues }) => {
      expect(byRef(issues)).toEqual(byRef(info.issues))
    })
  })

  test('whose messages come and go meanwhile: the second look names each', async () => {
    const info = await capture('moving')
    expect(info).toMatchObject({ state: 'available', itemCount: 9, issueCount: 4 })
    expectSums(info)
    expect(info.folders).toMatchObject([{ onServer: 10, taken: 9, notTaken: 0, vanished: 1, arrivedMeanwhile: 2 }])
    expect(info.issues.map(({ ref, code }) => `${ref} ${code}`).sort()).toEqual([
      '100 arrived_meanwhile',
      '101 arrived_meanwhile',
      '2 vanished',
      '3 removed_meanwhile',
    ])
    await expectWhole(archiveOf(product, info.snapshotId))
  })

  test('of calendars, cutting one answer short: nothing is missing, and nothing is there twice', async () => {
    const info = await capture('calendar-cut', { type: 'calendar' })
    expect(info).toMatchObject({ state: 'available', attempt: 1, itemCount: 40, issueCount: 0 })
    await expectWhole(archiveOf(product, info.snapshotId))
  })

  test.each([
    {
      what: 'a wrong password',
      params: { organization: 'real', password: 'wrong' },
      code: 'source_sign_in_refused',
      sentence: /^The server 127\.0\.0\.1:\d+ refused the sign-in for anna: .+/,
    },
    {
      what: 'a user the server does not know',
      params: { organization: 'real', userName: 'nobody' },
      code: 'source_sign_in_refused',
      sentence: /refused the sign-in for nobody/,
    },
    {
      what: 'a user the directory does not know',
      params: { organization: 'listed', userName: 'nobody' },
      code: 'user_unknown',
      sentence: /^No organization directory knows the user “nobody”\. Check the spelling/,
    },
    {
      what: 'a certificate that is not trusted',
      params: { organization: 'secured' },
      code: 'source_certificate',
      sentence: /is not trusted: its authority is not known\. Add its authority to the configuration/,
    },
  ])('$what fails at once, with a sentence, and is not tried again', async ({ params, code, sentence }) => {
    const { organization, ...rest } = params
    const info = await capture(organization, rest)
    expect(info).toMatchObject({ state: 'failed', attempt: 1, nextAttemptAt: null, error: { code } })
    expect(info.error?.message).toMatch(sentence)
  })

  test('an organization that does not exist is refused with the call', async () => {
    await expect(createSnapshot(product, { organization: 'elsewhere' })).rejects.toThrow(/answered 500: .*elsewhere/)
  })

  test.each([
    {
      what: 'cutting the connection for ever',
      organization: 'cutalways',
      code: 'source_unreachable',
      sentence: /^The server 127\.0\.0\.1:\d+ did not answer: it closed the connection/,
    },
    {
      what: 'busy for ever',
      organization: 'calendar-down',
      code: 'source_busy',
      sentence: /^The server 127\.0\.0\.1:\d+ refused for now: /,
    },
  ])('$what: fails after its attempts and says why', async ({ organization, code, sentence }) => {
    const info = await hopeless.get(organization)!
    expect(info).toMatchObject({ state: 'failed', attempt: 3, nextAttemptAt: null, error: { code } })
    expect(info.error?.message).toMatch(sentence)
    expect(info.messages.filter((message) => message.text.startsWith('Attempt '))).toHaveLength(3)
  })

  test('and none of all this leaves anything behind', () => nothingLeftBut(product, whole))
})
