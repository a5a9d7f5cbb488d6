import { type KeyObject, verify } from 'node:crypto'
import { type Der, DerError, derObjectId, derParts, derSerial, derTag, derTimeMs, expectDer, readDer } from './der.ts'

/** A list of revoked certificates of one authority (RFC 5280 §5). */
export type RevocationList = {
  /** The authority's name as it is encoded. */
  readonly issuer: Buffer
  readonly issuedAtMs: number
  /** When the next one is due; null where the list names no time. */
  readonly nextUpdateMs: number | null
  /** Serial numbers, upper-case hexadecimal without leading zeros. */
  readonly revoked: ReadonlySet<string>
  /** Whether the list was signed by the holder of this key. */
  isSignedBy(key: KeyObject): boolean
}

/** Hash by object identifier; null where the scheme has its own. Those with SHA-1 and MD5 are left out on purpose. */
const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
  '1.3.101.113': null,
}

const isCritical = (extension: Der): boolean => {
  const [, flag] = derParts(extension)
  return flag?.tag === 0x01 && flag.content[0] !== 0
}

const isTime = (value: Der | undefined): boolean =>
  value?.tag === derTag.utcTime || value?.tag === derTag.generalizedTime

/**
 * A critical extension says that the list covers only a part (RFC 5280 §5.2.4, §5.2.5) or speaks for other authorities
 * (§5.3.3); taken for whole, it would let in whom another part has locked out.
 */
const refuseCritical = (extensions: Der | undefined): void => {
  for (const extension of extensions ? derParts(extensions) : [])
    if (isCritical(extension)) throw new DerError('it covers only a part of the certificates; give the complete list')
}

const readOne = (bytes: Buffer): RevocationList => {
  const [tbs, algorithm, signature] = derParts(expectDer(readDer(bytes), derTag.sequence))
  const fields = [...derParts(expectDer(tbs, derTag.sequence))]
  if (fields[0]?.tag === derTag.integer) fields.shift()
  const [, issuer, thisUpdate, ...rest] = fields
  const nextUpdate = isTime(rest[0]) ? rest.shift() : undefined
  const entries = rest[0]?.tag === derTag.sequence ? rest.shift() : undefined
  const [extensions] = rest[0] ? derParts(rest[0]) : []
  refuseCritical(extensions)
  const revoked = new Set<string>()
  for (const entry of entries ? derParts(entries) : []) {
    const [serial, , entryExtensions] = derParts(entry)
    refuseCritical(entryExtensions)
    revoked.add(derSerial(serial))
  }
  const [algorithmId] = derParts(expectDer(algorithm, derTag.sequence))
  const hash = hashes[derObjectId(algorithmId)]
  if (hash === undefined) throw new DerError('it is signed in a way that is not supported; use SHA-256 or better')
  // The first octet of a bit string counts unused bits: none here.
  const signed = expectDer(signature, derTag.bitString).content.subarray(1)
  return {
    issuer: expectDer(issuer, derTag.sequence).raw,
    issuedAtMs: derTimeMs(thisUpdate),
    nextUpdateMs: nextUpdate ? derTimeMs(nextUpdate) : null,
    revoked,
    isSignedBy: (key) => {
      try {
        return verify(hash, tbs!.raw, key, signed)
      } catch {
        // A key of another kind than the signature.
        return false
      }
    },
  }
}

/** Reads a file of one list in DER, or of one or several in PEM (RFC 7468 §6). @throws DerError */
export const readRevocationLists = (file: Buffer): readonly RevocationList[] => {
  if (file[0] === derTag.sequence) return [readOne(file)]
  const blocks = [...file.toString('latin1').matchAll(/-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g)]
  if (blocks.length === 0) throw new DerError('it holds no revocation list')
  return blocks.map((block) => readOne(Buffer.from(block[1]!, 'base64')))
}
