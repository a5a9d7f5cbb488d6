import { Buffer } from 'node:buffer'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import {
  checkManifestSignature,
  type Manifest,
  type ManifestContent,
  manifestText,
  parseManifest,
  signManifest,
} from './manifest.ts'

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const moment = '2026-11-21T10:00:00.000Z'
const content: ManifestContent = {
  format: { name: 'stillbox', version: 1 },
  product: { name: 'Stillbox', version: '0.1.0' },
  snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
  subject: { organization: 'sample', organizationName: 'Sample', userName: 'anna' },
  request: { types: ['mailbox'], start: moment, end: moment, requestedAt: moment, requestedBy: 'admin' },
  capture: { startedAt: moment, finishedAt: moment, secondLookAt: null },
  folders: [
    {
      kind: 'mail',
      path: ['INBOX'],
      label: 'INBOX',
      directory: 'mail/INBOX',
      serverName: 'INBOX',
      generation: '7',
      properties: { uidNext: '9', delimiter: '/' },
      isSelectable: true,
      onServer: 10,
      excludedByRequest: 4,
      taken: 3,
      notTaken: 2,
      vanished: 1,
      arrivedMeanwhile: 8,
      takenBytes: 99,
    },
  ],
  items: { count: 3, bytes: 99, treeRoot: 'a'.repeat(64), treeAlgorithm: 'RFC 9162 SHA-256' },
  issues: { count: 0 },
  files: [],
}

describe('a signed manifest', () => {
  const manifest = signManifest(content, pem)

  test('comes back from its text with a signature that holds', () => {
    const back = parseManifest(manifestText(manifest))
    expect(back).toEqual(manifest)
    expect(checkManifestSignature(back)).toBe(true)
  })

  test('can be checked by whoever knows RFC 8785 and Ed25519', () => {
    const { signature, ...rest } = JSON.parse(manifestText(manifest)) as Manifest
    const key = createPublicKey({ key: Buffer.from(signature.publicKey, 'base64'), format: 'der', type: 'spki' })
    expect(verify(null, Buffer.from(canonicalJson(rest)), key, Buffer.from(signature.value, 'base64'))).toBe(true)
  })

  test('no longer holds when any value is another', () => {
    const values = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, member]) => values(member, [...path, key]))
        : [path]
    const paths = values(manifest)
    expect(paths.length).toBeGreaterThan(40)
    for (const path of paths) {
      const copy = structuredClone(manifest) as Record<string, unknown>
      let holder = copy
      for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>
      const last = path.at(-1)!
      const value = holder[last]
      holder[last] =
        typeof value === 'number'
          ? value + 1
          : typeof value === 'boolean'
            ? !value
            : `${value === null ? '' : 'AAAA'}${value}`
      // The name of the algorithm is the only value not covered, and the schema allows but one.
      expect([path.join('.'), checkManifestSignature(copy as Manifest)]).toEqual([
        path.join('.'),
        path.join('.') === 'signature.algorithm',
      ])
    }
  })

  test('carries half characters of a server as U+FFFD', () => {
    const folders = [{ ...content.folders[0]!, path: ['\ud800'], serverName: '\udc00x' }]
    const signed = signManifest({ ...content, folders }, pem)
    expect(signed.folders[0]).toMatchObject({ path: ['\ufffd'], serverName: '\ufffdx' })
    expect(checkManifestSignature(parseManifest(manifestText(signed)))).toBe(true)
  })
})

test('a sum that does not explain itself cannot be signed', () => {
  const folders = [{ ...content.folders[0]!, vanished: 2 }]
  expect(() => signManifest({ ...content, folders }, pem)).toThrow('add up')
})

describe('canonical JSON (RFC 8785)', () => {
  test('sorts keys by UTF-16 code units, at every depth', () => {
    const value = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\u{1f600}': 5,
      '\u0080': 6,
      '\u00f6': 7,
      z: { b: [], a: null },
    }
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":4,"z":{"a":null,"b":[]},"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    )
  })
  test('writes numbers as ECMAScript does', () => {
    expect(canonicalJson([333333333.3333333, 1e30, 4.5, 0.002, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    )
  })
  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['\ud800'], [undefined], [() => 1]])('refuses %s', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError)
  })
})
