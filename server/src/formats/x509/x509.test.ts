import { execFileSync } from 'node:child_process'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../testkit/servers/needs.ts'
import { DerError, derObjectId, derSerial, derTimeMs, readDer } from './der.ts'
import { readCertificate } from './read-certificate.ts'
import { readRevocationLists } from './read-crl.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('DER', () => {
  test.each(['', '30', '30 05 02 01 00', '30 80 00 00', '1f 01 00', '30 85 00 00 00 00 01 00', '02 01 00 00'])(
    '“%s” is refused',
    (bytes) => expect(() => readDer(hex(bytes))).toThrow(DerError),
  )
  test('identifiers, serial numbers and times', () => {
    expect(derObjectId(readDer(hex('06 09 2a 86 48 86 f7 0d 01 01 0b')))).toBe('1.2.840.113549.1.1.11')
    expect(derObjectId(readDer(hex('06 03 55 1d 14')))).toBe('2.5.29.20')
    expect(derSerial(readDer(hex('02 03 00 ab 01')))).toBe('AB01')
    expect(derSerial(readDer(hex('02 01 00')))).toBe('0')
    const time = (tag: string, text: string) =>
      derTimeMs(readDer(Buffer.concat([hex(tag), Buffer.from([text.length]), Buffer.from(text)])))
    expect(time('17', '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59))
    expect(time('17', '500101000000Z')).toBe(Date.UTC(1950, 0, 1))
    expect(time('18', '20500101000000Z')).toBe(Date.UTC(2050, 0, 1))
    expect(() => time('17', '4912312359Z')).toThrow(DerError)
    expect(() => time('04', '491231235959Z')).toThrow(DerError)
  })
})

/** Made by OpenSSL, so that what we read is not only what we write. */
describe.skipIf(!needs('openssl'))('what OpenSSL writes', () => {
  let folder: string
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const make = (name: string, ...key: string[]) => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      ...key,
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-days',
      '9',
      '-subj',
      `/O=Ex, ample/CN=${name}`,
      '-addext',
      'subjectAltName=DNS:a.example,email:anna@example.org,email:a@b.example',
    )
    const serial = new X509Certificate(readFileSync(join(folder, `${name}.crt`))).serialNumber
    writeFileSync(
      join(folder, 'index'),
      `R\t361231000000Z\t261101000000Z\t${serial}\tunknown\t/CN=x\nR\t361231000000Z\t261101000000Z\t00AB\tunknown\t/CN=y\n`,
    )
    openssl(
      'ca',
      '-config',
      'ca.cnf',
      '-gencrl',
      '-keyfile',
      `${name}.key`,
      '-cert',
      `${name}.crt`,
      '-crldays',
      '7',
      '-out',
      `${name}.crl`,
    )
    return serial
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stillbox-x509-'))
    writeFileSync(join(folder, 'ca.cnf'), '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\n')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([
    ['rsa', ['rsa:2048']],
    ['ec', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['ed25519', ['ed25519']],
  ] as const)('certificates and lists with %s', (name, key) => {
    // Without the zero that Node may write before it: one number, one writing.
    const serial = make(name, ...key).replace(/^0+/, '')
    const file = readFileSync(join(folder, `${name}.crl`))
    const certificate = new X509Certificate(readFileSync(join(folder, `${name}.crt`)))
    const fields = readCertificate(certificate.raw)
    expect(fields).toMatchObject({ serial, emailAddresses: ['anna@example.org', 'a@b.example'] })
    expect(fields.issuer.equals(fields.subject)).toBe(true)

    openssl('crl', '-in', `${name}.crl`, '-outform', 'DER', '-out', `${name}.der`)
    for (const bytes of [file, readFileSync(join(folder, `${name}.der`))]) {
      const [list, ...more] = readRevocationLists(bytes)
      expect(more).toEqual([])
      expect([...list!.revoked].toSorted()).toEqual([serial, 'AB'].toSorted())
      expect(list!.issuer.equals(fields.subject)).toBe(true)
      expect(list!.nextUpdateMs! - list!.issuedAtMs).toBe(7 * 86_400_000)
      expect(list!.isSignedBy(certificate.publicKey)).toBe(true)
    }
    const der = readFileSync(join(folder, `${name}.der`))
    const at = der.indexOf(hex('02 02 00 ab'))
    der[at + 3] = 0xac
    expect(at > 0 && readRevocationLists(der)[0]!.isSignedBy(certificate.publicKey)).toBe(false)
    for (let length = 0; length < der.length; length += 7)
      expect(() => readRevocationLists(der.subarray(0, length))).toThrow(DerError)
  })

  test('a list for a part of the certificates is not taken for the whole', () => {
    make('partial', 'rsa:2048')
    writeFileSync(
      join(folder, 'ca.cnf'),
      '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\ncrl_extensions=e\n[e]\nissuingDistributionPoint=critical,@p\n[p]\nonlyuser=TRUE\n',
    )
    make('partial', 'rsa:2048')
    expect(() => readRevocationLists(readFileSync(join(folder, 'partial.crl')))).toThrow(/only a part/)
  })

  test('a key of another kind has not signed it, and weak hashes do not count', () => {
    writeFileSync(join(folder, 'ca.cnf'), '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\n')
    make('one', 'rsa:2048')
    make('two', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256')
    const [list] = readRevocationLists(readFileSync(join(folder, 'one.crl')))
    expect(list!.isSignedBy(createPublicKey(readFileSync(join(folder, 'two.crt'))))).toBe(false)
    openssl(
      'ca',
      '-config',
      'ca.cnf',
      '-gencrl',
      '-md',
      'sha1',
      '-keyfile',
      'one.key',
      '-cert',
      'one.crt',
      '-crldays',
      '7',
      '-out',
      'one.crl',
    )
    expect(() => readRevocationLists(readFileSync(join(folder, 'one.crl')))).toThrow(/SHA-256 or better/)
  })
})
