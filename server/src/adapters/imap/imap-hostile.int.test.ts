import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import {
  bodySlice,
  drip,
  factsOf,
  type ImapScript,
  type ScriptedFolder,
  type ScriptedImapServer,
  type ScriptedMessage,
  startScriptedImap,
} from '../../../testkit/hostile/imap-server.ts'
import { recordingSink, sourceContract } from '../../ports/source.contract.ts'
import type { ImapSourceSpec, Source, SourceFolder } from '../../ports/source.ts'
import { openImapSource } from './imap-source.ts'

const bodies = (count: number): ScriptedMessage[] =>
  Array.from({ length: count }, (_, i) => ({
    uid: 10 + i * 2,
    body: Buffer.from(`Subject: ${i}\r\n\r\n${'x'.repeat(i * 13)}\r\n)\r\nS1 OK {5}\r\n`),
    flags: ['\\Seen', '\\Recent', '$Label', '\\Answered'],
  }))
const inbox = (messages: ScriptedMessage[]): ScriptedFolder => ({ name: 'INBOX', uidValidity: 7, messages })
const never = () => new AbortController().signal

let server: ScriptedImapServer
let source: Source | null = null
const specFor = (port: number, overrides: Partial<ImapSourceSpec> = {}): ImapSourceSpec => ({
  technology: 'imap',
  kind: 'mail',
  host: '127.0.0.1',
  port,
  tls: { mode: 'none' },
  auth: { method: 'password', userName: 'anna', password: 'secret' },
  compress: false,
  timeoutMs: 700,
  plainFetch: false,
  ...overrides,
})
const start = async (script: ImapScript): Promise<void> => {
  server = await startScriptedImap(script)
}
const open = async (overrides: Partial<ImapSourceSpec> = {}): Promise<Source> => {
  source = await openImapSource(specFor(server.port, overrides), never())
  return source
}
const folder: SourceFolder = {
  kind: 'mail',
  path: ['INBOX'],
  serverName: 'INBOX',
  isSelectable: true,
  generation: '7',
  properties: {},
}
const readAll = async (messages: readonly ScriptedMessage[]) => {
  const record = recordingSink()
  await (await open()).read(
    folder,
    messages.map(({ uid }) => uid),
    record.sink,
    never(),
  )
  expect(record.faults).toEqual([])
  expect(server.intrusions).toEqual([])
  return record
}
const code = (wanted: string) => expect.objectContaining({ code: wanted })

afterEach(async () => {
  await source?.close()
  source = null
  await server?.stop()
})

const wellBehaved = (plainFetch: boolean) => async () => {
  const messages = bodies(30)
  const own = await startScriptedImap({
    folders: [
      inbox(messages),
      { name: 'Entw&APw-rfe', uidValidity: 3, messages: bodies(2) },
      { name: 'Eltern', attributes: ['\\Noselect'], uidValidity: 1, messages: [] },
    ],
  })
  return {
    open: (signal: AbortSignal) => openImapSource(specFor(own.port, { plainFetch, timeoutMs: 5_000 }), signal),
    holds: [
      { path: ['INBOX'], items: messages.map((message) => bodySlice(message, 0, 1e6)) },
      { path: ['Entwürfe'], items: bodies(2).map((message) => bodySlice(message, 0, 1e6)) },
    ],
    absentRef: 4_000_000_000,
    stop: async () => {
      expect(own.intrusions).toEqual([])
      await own.stop()
    },
  }
}
sourceContract('IMAP on a scripted server', wellBehaved(false))
sourceContract('IMAP on a scripted server with plain FETCH', wellBehaved(true))

describe('a server that leaves things out', () => {
  test('a silent cap on FETCH loses nothing, in listing and reading', async () => {
    const messages = bodies(95)
    await start({ folders: [inbox(messages)], fetchCap: 20 })
    const listing = await (await open()).list(folder, never())
    expect(listing.expectedCount).toBe(95)
    expect(listing.items).toHaveLength(95)
    expect(listing.issues).toEqual([])
    await source?.close()
    expect((await readAll(messages)).taken.size).toBe(95)
    expect(server.commands).not.toContain('UID SEARCH')
  })

  test('what it counts and never lists is named', async () => {
    const messages = bodies(6)
    await start({ folders: [inbox(messages)], fetchAnswer: ({ sequence }) => (sequence === 4 ? null : undefined) })
    const listing = await (await open()).list(folder, never())
    expect(listing.expectedCount).toBe(6)
    expect(listing.items.map((item) => item.ref)).toEqual([10, 12, 14, 18, 20])
    expect(listing.issues).toEqual([
      { ref: null, code: 'not_listed', text: expect.stringContaining('number 4'), isLost: true },
    ])
  })

  test('a message that only comes when asked for alone is taken', async () => {
    const messages = bodies(5)
    await start({
      folders: [inbox(messages)],
      fetchAnswer: ({ message, asked }) => (message.uid === 14 && asked > 1 ? null : undefined),
    })
    const record = await readAll(messages)
    expect(record.taken.size).toBe(5)
    expect(record.skipped).toEqual([])
  })

  test('a body that never comes is not_returned, NIL is empty_body, NO is fetch_refused', async () => {
    const messages = bodies(5)
    await start({
      folders: [inbox(messages)],
      intercept: async ({ name, rest, tag, send }) => {
        if (name !== 'UID FETCH' || !rest.startsWith('16 ') || !rest.includes('BODY')) return false
        await send(`${tag} NO the store of this message is broken\r\n`)
        return true
      },
      fetchAnswer: ({ sequence, message, wantsBody }) => {
        if (!wantsBody) return undefined
        if (message.uid === 12) return `* ${sequence} FETCH (UID 12)\r\n`
        if (message.uid === 14) return `* ${sequence} FETCH (${factsOf(message)} BODY[] NIL)\r\n`
        return message.uid === 16 ? null : undefined
      },
    })
    const record = await readAll(messages)
    expect([...record.taken.keys()]).toEqual([10, 18])
    expect(Object.fromEntries(record.skipped.map((issue) => [issue.ref, issue.code]))).toEqual({
      12: 'not_returned',
      14: 'empty_body',
      16: 'fetch_refused',
    })
  })

  test('NO after half of an answer asks for the rest', async () => {
    const messages = bodies(8)
    await start({
      folders: [inbox(messages)],
      intercept: async ({ name, rest, tag, nth, send }) => {
        if (name !== 'UID FETCH' || nth > 0) return false
        expect(rest).toContain('BODY.PEEK[]')
        const [first] = messages
        await send(`* 1 FETCH (${factsOf(first!)} BODY[] {${(first!.body as Uint8Array).length}}\r\n`)
        await send(first!.body as Uint8Array)
        await send(`)\r\n${tag} NO [SERVERBUG] some could not be had\r\n`)
        return true
      },
    })
    expect((await readAll(messages)).taken.size).toBe(8)
  })

  test('an empty message is taken, announced sizes that are wrong are remarked', async () => {
    const messages: ScriptedMessage[] = [
      { uid: 1, body: Buffer.alloc(0) },
      { uid: 2, body: Buffer.from('A: b\r\n\r\n') },
    ]
    await start({
      folders: [inbox(messages)],
      fetchAnswer: ({ sequence, message }) =>
        message.uid === 2
          ? `* ${sequence} FETCH (${factsOf(message).replace(/SIZE \d+/, 'SIZE 999')} BODY[] {8}\r\nA: b\r\n\r\n)\r\n`
          : undefined,
    })
    const record = await readAll(messages)
    expect([...record.taken.values()].map((item) => item.sizeBytes)).toEqual([0, 8])
    expect(record.skipped).toEqual([{ ref: 2, code: 'size_differs', text: expect.any(String), isLost: false }])
  })
})

describe('a server with its own spelling', () => {
  test('bodies as quoted string, as literal8, before the facts, and with news in between', async () => {
    const text = 'Subject: \\"q\\"'
    const messages: ScriptedMessage[] = [1, 2, 3, 4].map((uid) => ({ uid, body: Buffer.from('Subject: "q"') }))
    await start({
      folders: [inbox(messages)],
      fetchAnswer: ({ sequence, message, wantsBody }) => {
        if (!wantsBody) return undefined
        const facts = factsOf(message)
        const literal = '{12}\r\nSubject: "q"'
        if (message.uid === 1) return `* ${sequence} fetch (${facts} BODY[] "${text}")\r\n`
        if (message.uid === 2)
          return `* OK [ALERT] maintenance {7}\r\n* 9 EXISTS\r\n* 3 FETCH (FLAGS (\\Deleted))\r\n* ${sequence} FETCH (${facts} BODY[] ~${literal})\r\n`
        if (message.uid === 3) return `* ${sequence} FETCH (BODY[] ${literal} ${facts})\r\n* 1 EXPUNGE\r\n`
        return `* ${sequence} FETCH (X-NEW (a "b)" (c)) ${facts} MODSEQ (12) BODY[]<0> ${literal})\r\n`
      },
    })
    const record = await readAll(messages)
    expect(record.taken.size).toBe(4)
    expect(new Set([...record.taken.values()].map((item) => item.sha256)).size).toBe(1)
    for (const { facts } of record.taken.values()) expect(facts.internalDate).toBe('17-Jul-1996 02:44:25 -0700')
    expect(record.taken.get(4)!.facts.modSeq).toBe('12')
  })

  test('flags come sorted and without \\Recent', async () => {
    const messages = bodies(1)
    await start({ folders: [inbox(messages)] })
    const { taken } = await readAll(messages)
    expect(taken.get(10)!.facts).toEqual({
      ref: 10,
      receivedAtMs: Date.parse('1996-07-17T09:44:25Z'),
      internalDate: '17-Jul-1996 02:44:25 -0700',
      flags: ['$Label', '\\Answered', '\\Seen'],
    })
  })

  test('more folders than are captured are an error, and none is left out without a word', async () => {
    const folders = Array.from({ length: 100_001 }, (_, i) => ({ name: `f${i}`, uidValidity: 1, messages: [] }))
    await start({ folders })
    await expect((await open({ timeoutMs: 20_000 })).folders(never())).rejects.toMatchObject({
      code: 'source_protocol',
    })
  })

  test('folder names that attack or cannot be', async () => {
    const names = [
      '../../etc/passwd',
      'CON',
      'a\u0007b',
      'back\\slash "quoted"',
      '',
      '//',
      '&bad-',
      'gr\u00c3\u00bcn',
      // Latin-1, which no standard ever allowed, beside the same name in UTF-8.
      'gr\u00fcn',
      'NIL',
    ]
    await start({ folders: names.map((name, i) => ({ name, uidValidity: i + 1, messages: bodies(i) })) })
    const opened = await open()
    const folders = await opened.folders(never())
    expect(folders.map((one) => one.path.join('|')).sort()).toEqual(
      ['..|..|etc|passwd', 'CON', 'a\u0007b', 'back\\slash "quoted"', '//', '&bad-', 'grün', 'grün', 'NIL'].sort(),
    )
    expect(new Set(folders.map(({ serverName }) => serverName)).size).toBe(folders.length)
    for (const one of folders) {
      expect(one.generation).not.toBeNull()
      expect((await opened.list(one, never())).items).toHaveLength(Number(one.generation) - 1)
    }
  })

  test('what lies in the namespaces of others is left out, what only begins alike is not', async () => {
    const many = Array.from({ length: 70 }, (_, i) => `Projekt ${String(i).padStart(2, '0')}`)
    const names = ['INBOX', 'user', 'user/bob', 'Public', 'Public/News', 'Publicity', ...many]
    await start({
      folders: names.map((name) => ({ name, uidValidity: 5, messages: [] })),
      capabilities: ['NAMESPACE'],
      intercept: async ({ name, tag, send }) => {
        if (name !== 'NAMESPACE') return false
        await send(`* NAMESPACE (("" "/")) (("user/" "/")) (("Public/" "/"))\r\n${tag} OK done\r\n`)
        return true
      },
    })
    const folders = await (await open()).folders(never())
    expect(folders.map((one) => one.path[0])).toEqual(['INBOX', ...many, 'Publicity'])
    expect(new Set(folders.map((one) => one.generation))).toEqual(new Set(['5']))
  })

  test('refs that are no UIDs come out as vanished, with either reader', async () => {
    await start({ folders: [inbox(bodies(1))] })
    for (const plainFetch of [false, true]) {
      const record = recordingSink()
      await (await open({ plainFetch })).read(folder, [0, 10, 'x'], record.sink, never())
      expect([...record.taken.keys()]).toEqual([10])
      expect(record.skipped.map(({ ref, code }) => [ref, code])).toEqual([
        [0, 'vanished'],
        ['x', 'vanished'],
      ])
      await source?.close()
    }
  })

  test('a listing that messages are deleted from begins again', async () => {
    const messages = bodies(4)
    await start({
      folders: [inbox(messages)],
      intercept: async ({ name, nth, send }) => {
        if (name === 'FETCH' && nth === 0) await send('* 1 EXPUNGE\r\n')
        return false
      },
    })
    expect((await (await open()).list(folder, never())).items.map((item) => item.ref)).toEqual([10, 12, 14, 16])
    expect(server.commands.filter((name) => name === 'EXAMINE')).toHaveLength(2)
  })

  test('one folder that cannot be opened is an issue, the next one is read', async () => {
    const messages = bodies(2)
    await start({
      folders: [inbox(messages), { name: 'Geheim', uidValidity: 2, messages: [] }],
      intercept: async ({ name, rest, tag, send }) => {
        if ((name !== 'EXAMINE' && name !== 'STATUS') || !rest.includes('Geheim')) return false
        await send(`${tag} NO [NOPERM] not yours\r\n`)
        return true
      },
    })
    const opened = await open()
    const folders = await opened.folders(never())
    const secret = folders.find((one) => one.serverName === 'Geheim')!
    expect(secret.generation).toBeNull()
    expect(await opened.list(secret, never())).toEqual({
      expectedCount: 0,
      items: [],
      issues: [{ ref: null, code: 'folder_unreadable', text: expect.stringContaining('not yours'), isLost: true }],
    })
    expect((await opened.list(folder, never())).items).toHaveLength(2)
  })
})

test('an object id that is none is passed over, and costs no folder', async () => {
  const ids: Readonly<Record<string, string>> = {
    INBOX: 'F-2_a',
    Bruch: ')\u00e9\u0004G\u00b1U',
    Offen: '"x',
    Leer: '',
    Zeile: 'a)\r\n* 3 (',
  }
  await start({
    capabilities: ['OBJECTID'],
    folders: Object.keys(ids).map((name) => ({ ...inbox([]), name })),
    intercept: async ({ name, rest, tag, send }) => {
      if (name !== 'STATUS' || !rest.includes('MAILBOXID')) return false
      const [id] = Object.keys(ids).filter((one) => rest.includes(one))
      await send(`* STATUS ${id!} (MAILBOXID (${ids[id!]}))\r\n${tag} OK done\r\n`)
      return true
    },
  })
  const folders = await (await open()).folders(never())
  expect(Object.fromEntries(folders.map(({ serverName, properties }) => [serverName, properties.objectId]))).toEqual({
    INBOX: 'F-2_a',
    Bruch: undefined,
    Offen: undefined,
    Leer: undefined,
    Zeile: undefined,
  })
  expect(folders.map(({ generation }) => generation)).not.toContain(null)
})

describe('a server that changes or goes', () => {
  test('another UIDVALIDITY is source_changed, a folder that is gone source_gone', async () => {
    const messages = bodies(2)
    const box = inbox(messages)
    await start({ folders: [box] })
    const [listed] = await (await open()).folders(never())
    box.uidValidity = 8
    await expect(source!.read(listed!, [10], recordingSink().sink, never())).rejects.toEqual(code('source_changed'))
    await expect((await open()).list(folder, never())).rejects.toEqual(code('source_changed'))
    const gone = { ...folder, serverName: 'Weg' }
    await expect((await open()).list(gone, never())).rejects.toEqual(code('source_gone'))
  })

  const inFetch = (
    act: (command: Parameters<NonNullable<ImapScript['intercept']>>[0]) => Promise<unknown>,
  ): ImapScript => ({
    folders: [inbox(bodies(3))],
    intercept: async (command) => {
      if (command.name !== 'UID FETCH') return false
      await act(command)
      return true
    },
  })
  const half = `* 1 FETCH (${factsOf(bodies(1)[0]!)} BODY[] {500}\r\nSubject: half`
  test.each([
    [
      'cut in the middle of a literal',
      'source_unreachable',
      inFetch(async ({ send, socket }) => {
        await send(half)
        socket.destroy()
      }),
    ],
    [
      'BYE in the middle',
      'source_unreachable',
      inFetch(async ({ send, socket }) => {
        await send('* BYE shutting down\r\n')
        socket.end()
      }),
    ],
    [
      'BYE because of too much',
      'source_busy',
      inFetch(async ({ send, socket }) => {
        await send('* BYE [UNAVAILABLE] come back\r\n')
        socket.end()
      }),
    ],
    ['NO because of a limit', 'source_busy', inFetch(({ send, tag }) => send(`${tag} NO [LIMIT] too much today\r\n`))],
    ['silence', 'source_timeout', inFetch(async () => {})],
    ['silence in a literal', 'source_timeout', inFetch(({ send }) => send(half))],
    [
      'a literal longer than announced',
      'source_protocol',
      inFetch(({ send }) => send(`* 1 FETCH (${factsOf(bodies(1)[0]!)} BODY[] {5}\r\nSubject: more than five)\r\n`)),
    ],
    ['a FETCH that breaks off', 'source_protocol', inFetch(({ send }) => send('* 1 FETCH (UID 10 FLAGS (\\Seen\r\n'))],
    ['an answer to no command', 'source_protocol', inFetch(({ send }) => send('S999 OK done\r\n'))],
    ['a line without end', 'source_protocol', inFetch(({ send }) => send('x'.repeat(2_000_000)))],
  ])('%s is %s', async (_, wanted, script) => {
    await start(script)
    const record = recordingSink()
    await expect((await open()).read(folder, [10, 12, 14], record.sink, never())).rejects.toEqual(code(wanted))
    expect(record.taken.size).toBe(0)
    await expect(source!.list(folder, never())).rejects.toThrow()
    await source!.close()
    await expect.poll(() => server.openConnections()).toBe(0)
  })

  test('noise on the line is passed over, a slow drip is read', async () => {
    const messages = bodies(2)
    await start({
      folders: [inbox(messages)],
      intercept: async (command) => {
        if (command.name !== 'UID FETCH') return false
        const [first, second] = messages.map(
          (message, i) =>
            `* ${i + 1} FETCH (${factsOf(message)} BODY[] {${(message.body as Uint8Array).length}}\r\n${Buffer.from(message.body as Uint8Array).toString('latin1')})\r\n`,
        )
        await drip(command, `* \u0001garbage ((( "\r\n\r\n${first}${second}${command.tag} OK done\r\n`, 7, 1)
        return true
      },
    })
    expect((await readAll(messages)).taken.size).toBe(2)
  })
})

describe('signing in', () => {
  test.each([
    ['a wrong password', 'source_sign_in_refused', { users: { anna: 'other' } }],
    ['BYE instead of a greeting', 'source_busy', { greeting: '* BYE too many connections' }],
    ['no greeting', 'source_timeout', { greeting: null }],
    [
      'a busy backend',
      'source_busy',
      {
        intercept: async ({ name, tag, send }) => {
          if (name !== 'AUTHENTICATE') return false
          await send(`${tag} NO [UNAVAILABLE] the directory is down\r\n`)
          return true
        },
      },
    ],
    [
      'a rate limit in words',
      'source_busy',
      {
        intercept: async ({ name, tag, send }) => {
          if (name !== 'AUTHENTICATE') return false
          await send(`${tag} NO LOGIN Rate limit hit\r\n`)
          return true
        },
      },
    ],
    [
      'BYE during the sign-in',
      'source_busy',
      {
        intercept: async ({ name, send, socket }) => {
          if (name !== 'AUTHENTICATE') return false
          await send('* BYE overloaded\r\n')
          socket.end()
          return true
        },
      },
    ],
    [
      'a mailbox that is not there (Exchange)',
      'source_sign_in_refused',
      {
        capabilities: ['NAMESPACE'],
        intercept: async ({ name, tag, send }) => {
          if (name !== 'NAMESPACE') return false
          await send(`${tag} BAD User is authenticated but not connected.\r\n`)
          return true
        },
      },
    ],
  ] satisfies [string, string, Partial<ImapScript>][])('%s is %s', async (_, wanted, script) => {
    await start({ folders: [], ...script })
    await expect(open()).rejects.toEqual(code(wanted))
  })

  test('nothing listening is source_unreachable, no STARTTLS is refused before the password', async () => {
    await start({ folders: [] })
    await expect(open({ tls: { mode: 'starttls' } })).rejects.toEqual(code('source_protocol'))
    expect(server.commands).not.toContain('AUTHENTICATE')
    await server.stop()
    await expect(open()).rejects.toEqual(code('source_unreachable'))
  })

  test('an authorization identity goes with PLAIN only', async () => {
    await start({ folders: [], users: { admin: 'secret' } })
    const auth = { method: 'plain-authzid', userName: 'admin', password: 'secret', authorizationId: 'anna' } as const
    await open({ auth })
    expect(server.initialResponses).toEqual(['anna\0admin\0secret'])
  })

  test('a server without PLAIN does not get the administrator’s own mailbox captured', async () => {
    await start({
      folders: [],
      users: { admin: 'secret' },
      intercept: async ({ name, tag, send }) => {
        if (name !== 'CAPABILITY') return false
        await send(`* CAPABILITY IMAP4rev1\r\n${tag} OK done\r\n`)
        return true
      },
    })
    const auth = { method: 'plain-authzid', userName: 'admin', password: 'secret', authorizationId: 'anna' } as const
    await expect(open({ auth })).rejects.toEqual(code('source_sign_in_refused'))
  })

  describe('with a token', () => {
    let endpoint: Server
    const startEndpoint = async (
      answer: (body: string) => { status: number; text: string } | null,
    ): Promise<string> => {
      endpoint = createServer((request, response) => {
        let body = ''
        request.on('data', (chunk) => {
          body += chunk
        })
        request.on('end', () => {
          const given = answer(body)
          if (given) response.writeHead(given.status, { 'content-type': 'application/json' }).end(given.text)
        })
      })
      await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
      const address = endpoint.address()
      return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/token`
    }
    afterEach(async () => {
      endpoint.closeAllConnections()
      await new Promise((resolve) => endpoint.close(resolve))
    })
    const auth = (url: string) =>
      ({
        method: 'xoauth2',
        userName: 'anna@example.org',
        tokenEndpoint: { url, clientId: 'us', clientSecret: 'hush', parameters: { scope: 'imap', sub: '{userName}' } },
      }) as const

    test('the token is fetched for the user and used', async () => {
      let asked = ''
      const url = await startEndpoint((body) => {
        asked = body
        return { status: 200, text: '{"access_token":"tok","token_type":"Bearer"}' }
      })
      await start({ folders: [], capabilities: ['AUTH=XOAUTH2', 'SASL-IR'] })
      await open({ auth: auth(url) })
      expect(Object.fromEntries(new URLSearchParams(asked))).toEqual({
        grant_type: 'client_credentials',
        client_id: 'us',
        client_secret: 'hush',
        scope: 'imap',
        sub: 'anna@example.org',
      })
      expect(server.initialResponses).toEqual(['user=anna@example.org\u0001auth=Bearer tok\u0001\u0001'])
    })

    test.each([
      ['refuses the client', 'source_sign_in_refused', { status: 401, text: '{"error":"invalid_client"}' }],
      ['is down', 'source_busy', { status: 503, text: 'no' }],
      ['sends something else', 'source_protocol', { status: 200, text: '<html>' }],
      ['says nothing', 'source_timeout', null],
    ])('an endpoint that %s is %s', async (_, wanted, answer) => {
      const url = await startEndpoint(() => answer)
      await start({ folders: [] })
      await expect(open({ auth: auth(url) })).rejects.toEqual(code(wanted))
      expect(server.commands).toEqual([])
    })
  })

  test('an abort ends the wait for a greeting', async () => {
    await start({ folders: [], greeting: null })
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => controller.abort(reason), 50)
    const spec = specFor(server.port, { timeoutMs: 30_000 })
    await expect(openImapSource(spec, controller.signal)).rejects.toBe(reason)
  })
})
