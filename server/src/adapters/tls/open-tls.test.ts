import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  dayMs,
  makeAuthority,
  makeList,
  makePerson,
  makeServer,
  writeInto,
} from '../../../test/doubles/certificates.ts'
import type { ClientCertificatesConfig, TlsConfig } from '../../config/tls-schema.ts'
import { openTls } from './open-tls.ts'

let folder: string
const past = { fromMs: Date.now() - 3 * dayMs, toMs: Date.now() - dayMs }
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-open-tls-'))
  const [authority, other] = [makeAuthority('People'), makeAuthority('People')]
  const [server, expired] = [makeServer(authority), makeServer(authority, past)]
  const person = makePerson(authority, 'Anna')
  writeInto(folder, {
    'server.crt': server.cert,
    'server.key': server.key,
    'locked.key': createPrivateKey(server.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
      .toString(),
    'right.pass': 'open sesame\n',
    'wrong.pass': 'sesame\n',
    'expired.crt': expired.cert,
    'expired.key': expired.key,
    'text.txt': 'nothing of the kind',
    'ca.crt': authority.cert,
    'old-ca.crt': makeAuthority('Old', past).cert,
    'ca.crl': makeList(authority, [person]),
    'old.crl': makeList(authority, [], Date.now() - dayMs),
    'other.crl': makeList(other, []),
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

type Names = Partial<Record<'cert' | 'key' | 'pass' | 'ca' | 'crl', string>>

const open = ({ cert = 'server.crt', key = 'server.key', pass, ca, crl }: Names) => {
  const path = (name: string) => join(folder, name)
  const tls: TlsConfig = {
    certFile: path(cert),
    keyFile: path(key),
    minVersion: 'TLSv1.2',
    ...(pass === undefined ? {} : { keyPassphraseFile: path(pass) }),
  }
  const people: ClientCertificatesConfig | null =
    ca === undefined
      ? null
      : {
          caFile: path(ca),
          ...(crl === undefined ? {} : { crlFile: path(crl) }),
          required: true,
          mapping: 'email',
          accounts: [],
          contact: '',
        }
  const { problems, opened } = openTls(
    { tls, clientCertificates: people },
    { clock: { now: () => new Date() }, onReload: () => {} },
  )
  opened?.close()
  expect(opened === null).toBe(problems.length > 0)
  return problems.map((problem) => problem.replaceAll(`${folder}/`, ''))
}

test.each<[Names, readonly (string | RegExp)[]]>([
  [{}, []],
  [{ key: 'locked.key', pass: 'right.pass' }, []],
  [{ ca: 'ca.crt', crl: 'ca.crl' }, []],
  [{ cert: 'none.crt' }, ['tls.certFile none.crt cannot be read (ENOENT).']],
  [
    { cert: 'none.crt', key: 'none.key', ca: 'none.pem' },
    [/^tls\.certFile/, /^tls\.keyFile/, 'clientCertificates.caFile none.pem cannot be read (ENOENT).'],
  ],
  [{ cert: 'text.txt' }, ['tls.certFile text.txt holds no certificate in PEM.']],
  [{ key: 'text.txt' }, ['tls.keyFile text.txt is not a private key in PEM.']],
  [{ key: 'expired.key' }, ['tls.keyFile expired.key is not the key of the certificate in server.crt.']],
  [{ key: 'locked.key' }, ['tls.keyFile locked.key is encrypted, and there is no tls.keyPassphraseFile.']],
  [
    { key: 'locked.key', pass: 'wrong.pass' },
    ['tls.keyFile locked.key is encrypted, and the passphrase does not open it.'],
  ],
  [
    { cert: 'expired.crt', key: 'expired.key' },
    [/^tls\.certFile expired\.crt has expired on \d{4}-\d{2}-\d{2}: browsers would refuse it\.$/],
  ],
  [{ ca: 'text.txt' }, ['clientCertificates.caFile text.txt holds no certificate in PEM.']],
  [
    { ca: 'server.crt' },
    [
      'The certificate “CN=localhost” in clientCertificates.caFile server.crt is not an authority’s: it may not issue others.',
    ],
  ],
  [{ ca: 'old-ca.crt' }, [/^The certificate “CN=Old” in .* has expired on/]],
  [
    { ca: 'ca.crt', crl: 'text.txt' },
    ['clientCertificates.crlFile text.txt cannot be used: it holds no revocation list.'],
  ],
  [
    { ca: 'ca.crt', crl: 'old.crl' },
    [/^The list of “CN=People” in .*old\.crl is out of date since .*: get the current one\.$/],
  ],
  // Same name, other key: a list anybody could have written.
  [
    { ca: 'ca.crt', crl: 'other.crl' },
    ['clientCertificates.crlFile other.crl was not signed by an authority of ca.crt.'],
  ],
])('%j', (names, expected) => {
  const problems = open(names)
  expect(problems).toHaveLength(expected.length)
  for (const [index, problem] of problems.entries()) expect(problem).toMatch(expected[index]!)
})

test('no passphrase and no key stands in a problem', () => {
  writeFileSync(join(folder, 'broken.key'), '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n')
  expect(open({ key: 'broken.key', pass: 'wrong.pass' }).join()).not.toMatch(/sesame|c2VjcmV0/)
})

describe('a revocation counts while it runs, although', () => {
  const inDays = (days: number) => Date.now() + days * dayMs
  const soon = { fromMs: Date.now() - dayMs, toMs: inDays(2) }
  const makeOthers = (validity?: typeof soon) => {
    const other = makeAuthority('Others', validity)
    return { other, otto: makePerson(other, 'Otto') }
  }
  const makeAll = () => {
    const authority = makeAuthority('People')
    const [server, endingServer] = [makeServer(authority), makeServer(authority, soon)]
    return {
      ...{ authority, server, endingServer, anna: makePerson(authority, 'Anna') },
      ...{ others: makeOthers(), endingOthers: makeOthers(soon) },
    }
  }
  let made: ReturnType<typeof makeAll>
  beforeAll(() => {
    made = makeAll()
  })

  const setUp = (ends: 'nothing' | 'server' | 'others' = 'nothing') => {
    const { authority, anna } = made
    const server = ends === 'server' ? made.endingServer : made.server
    const { other, otto } = ends === 'others' ? made.endingOthers : made.others
    const own = mkdtempSync(join(folder, 'running-'))
    const files = writeInto(own, {
      'server.crt': server.cert,
      'server.key': server.key,
      'ca.crt': authority.cert + other.cert,
      'ca.crl': '',
    })
    const writeLists = (
      revoked: Parameters<typeof makeList>[1],
      ofPeopleEndsMs = inDays(30),
      ofOthersEndsMs = inDays(30),
    ) =>
      writeFileSync(files['ca.crl'], makeList(authority, revoked, ofPeopleEndsMs) + makeList(other, [], ofOthersEndsMs))
    writeLists([])
    let nowMs = Date.now()
    let told: readonly string[] = []
    const { opened } = openTls(
      {
        tls: { certFile: files['server.crt'], keyFile: files['server.key'], minVersion: 'TLSv1.2' },
        clientCertificates: {
          ...{ caFile: files['ca.crt'], crlFile: files['ca.crl'] },
          ...{ required: true, mapping: 'email', accounts: [], contact: '' },
        },
      },
      {
        clock: { now: () => new Date(nowMs) },
        pollMs: 1_000_000,
        onReload: (problems) => {
          told = problems
        },
      },
    )
    const faultOf = ({ cert }: { readonly cert: string }) =>
      opened!.clientCertificates!.check({ der: new X509Certificate(cert).raw, isAuthorized: true }).fault
    return {
      ...{ files, anna, otto, writeLists, faultOf },
      later: (days: number) => {
        nowMs += days * dayMs
      },
      reload: () => {
        opened!.reload()
        return told.join(' ')
      },
      close: () => opened!.close(),
    }
  }
  const tried = (world: ReturnType<typeof setUp>, act: (world: ReturnType<typeof setUp>) => void) => {
    try {
      expect([world.faultOf(world.anna), world.faultOf(world.otto)]).toEqual([null, null])
      act(world)
    } finally {
      world.close()
    }
  }

  test('the certificate of the service has expired', () =>
    tried(setUp('server'), ({ anna, otto, later, writeLists, faultOf, reload }) => {
      later(3)
      writeLists([anna])
      expect(reload()).toMatch(/server\.crt has expired/)
      expect([faultOf(anna), faultOf(otto)]).toEqual(['revoked', null])
    }))

  test('the certificate of the service cannot be read for a moment', () =>
    tried(setUp(), ({ anna, files, writeLists, faultOf, reload }) => {
      writeFileSync(files['server.crt'], '')
      writeLists([anna])
      expect(reload()).toMatch(/holds no certificate/)
      expect(faultOf(anna)).toBe('revoked')
    }))

  test('another authority has expired', () =>
    tried(setUp('others'), ({ anna, otto, later, writeLists, faultOf, reload }) => {
      later(3)
      writeLists([anna])
      expect(reload()).toMatch(/“CN=Others” .* has expired/)
      expect([faultOf(anna), faultOf(otto)]).toEqual(['revoked', 'untrusted'])
    }))

  test('the list of another authority is out of date', () =>
    tried(setUp(), ({ anna, otto, later, writeLists, faultOf, reload }) => {
      later(3)
      writeLists([anna], inDays(30), inDays(1))
      expect(reload()).toMatch(/list of “CN=Others” .* is out of date/)
      // Of those the list before still counts.
      expect([faultOf(anna), faultOf(otto)]).toEqual(['revoked', null])
    }))

  test('an older list that is out of date came after it', () =>
    tried(setUp(), ({ anna, later, writeLists, faultOf, reload }) => {
      writeLists([anna])
      expect(reload()).toBe('')
      later(3)
      writeLists([], inDays(1))
      expect(reload()).toMatch(/out of date/)
      expect(faultOf(anna)).toBe('revoked')
    }))

  test('the next list cannot be read', () =>
    tried(setUp(), ({ anna, files, writeLists, faultOf, reload }) => {
      writeLists([anna])
      expect(reload()).toBe('')
      writeFileSync(files['ca.crl'], 'nothing of the kind')
      expect(reload()).toMatch(/holds no revocation list/)
      expect(faultOf(anna)).toBe('revoked')
    }))
})
