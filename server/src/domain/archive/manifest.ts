import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { treeAlgorithm } from './hash-tree.ts'

export const archiveFormatVersion = 1
/** Entries of every archive that are not items. Beside them there are the combined files. */
export const entryNames = {
  manifest: 'stillbox.json',
  items: 'items.jsonl',
  issues: 'issues.jsonl',
  index: 'index.sqlite',
  readme: 'README.txt',
} as const

const Count = z.int().nonnegative()
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Base64 = z.base64()
const Moment = z.iso.datetime()

/** What the server said one folder holds against what was taken; the sum is always explained. */
export const ManifestFolder = z
  .strictObject({
    kind: ItemKind,
    path: z.array(z.string()).min(1),
    label: z.string(),
    /** Where its items lie; no two folders have the same. */
    directory: z.string().min(1),
    serverName: z.string(),
    generation: z.string().nullable(),
    properties: z.record(z.string(), z.string()),
    isSelectable: z.boolean(),
    onServer: Count,
    excludedByRequest: Count,
    taken: Count,
    notTaken: Count,
    vanished: Count,
    arrivedMeanwhile: Count,
    takenBytes: Count,
    note: z.string().optional(),
  })
  .refine((folder) => folder.taken + folder.excludedByRequest + folder.notTaken + folder.vanished === folder.onServer, {
    error: 'taken, excludedByRequest, notTaken and vanished do not add up to onServer',
    path: ['onServer'],
  })
export type ManifestFolder = z.infer<typeof ManifestFolder>

const manifestFields = {
  format: z.strictObject({ name: z.literal('stillbox'), version: z.literal(archiveFormatVersion) }),
  product: z.strictObject({ name: z.literal('Stillbox'), version: z.string() }),
  snapshotId: z.uuid(),
  subject: z.strictObject({ organization: z.string(), organizationName: z.string(), userName: z.string() }),
  request: z.strictObject({
    types: z.array(SnapshotType),
    start: Moment.nullable(),
    end: Moment.nullable(),
    requestedAt: Moment,
    requestedBy: z.string(),
  }),
  capture: z.strictObject({
    startedAt: Moment,
    finishedAt: Moment,
    /** When the server was asked again what it holds; null when it could not be. */
    secondLookAt: Moment.nullable(),
  }),
  folders: z.array(ManifestFolder),
  items: z.strictObject({
    count: Count,
    bytes: Count,
    treeRoot: Sha256,
    treeAlgorithm: z.literal(treeAlgorithm),
  }),
  issues: z.strictObject({ count: Count }),
  /** Every entry that is neither an item nor this manifest. */
  files: z.array(z.strictObject({ entry: z.string().min(1), sizeBytes: Count, sha256: Sha256 })),
} as const

const Signature = z.strictObject({
  algorithm: z.literal('Ed25519'),
  /** SubjectPublicKeyInfo (RFC 8410 §4), base64. */
  publicKey: Base64,
  /** SHA-256 of the same, hexadecimal. */
  fingerprint: Sha256,
  value: Base64,
})

/** stillbox.json, version 1. The keys are exactly these: a reader that meets others does not know what they promise. */
export const Manifest = z.strictObject({ ...manifestFields, signature: Signature })
export type Manifest = z.infer<typeof Manifest>

/** A manifest before it is signed. */
export const ManifestContent = z.strictObject(manifestFields)
export type ManifestContent = z.infer<typeof ManifestContent>

/** @throws ZodError when the content contradicts itself: a mistake in the program. */
export const signManifest = (content: ManifestContent, privateKeyPem: string): Manifest => {
  const checked = ManifestContent.parse(wellFormed(content))
  const privateKey = createPrivateKey(privateKeyPem)
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return {
    ...checked,
    signature: {
      algorithm: 'Ed25519',
      publicKey: publicKey.toString('base64'),
      fingerprint: hash('sha256', publicKey, 'hex'),
      value: sign(null, signedBytes(checked), privateKey).toString('base64'),
    },
  }
}

/** What a server sent as half a character becomes U+FFFD: neither UTF-8 nor RFC 8785 can carry it. */
const wellFormed = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]))
}

/** Whether the signature is that of the key it carries, over this content. Whose key it is must be known from elsewhere. */
export const checkManifestSignature = (manifest: Manifest): boolean => {
  const { signature, ...content } = manifest
  const der = Buffer.from(signature.publicKey, 'base64')
  if (hash('sha256', der, 'hex') !== signature.fingerprint) return false
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return (
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, signedBytes(content), key, Buffer.from(signature.value, 'base64'))
    )
  } catch {
    return false
  }
}

/** What is signed: everything but `signature`, in the form of RFC 8785, as UTF-8. */
const signedBytes = (content: ManifestContent): Buffer => Buffer.from(canonicalJson(content), 'utf8')

/** stillbox.json as it stands in an archive: keys in the order of the schema, two spaces, a newline at the end. */
export const manifestText = (manifest: Manifest): string => {
  const ordered = Manifest.parse(manifest)
  const folders = ordered.folders.map((folder) => ({ ...folder, properties: sorted(folder.properties) }))
  return `${JSON.stringify({ ...ordered, folders }, null, 2)}\n`
}

const sorted = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

/** @throws AppError `archive_invalid` when the text is no manifest of version 1 or is not written as `manifestText` writes it. */
export const parseManifest = (text: string): Manifest => {
  const invalid = (reason: string) =>
    new AppError('archive_invalid', { details: { reason, fault: 'manifest_invalid', entry: entryNames.manifest } })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid('stillbox.json is not JSON')
  }
  const version = z.object({ format: z.object({ name: z.literal('stillbox'), version: z.int() }) }).safeParse(value)
  if (!version.success) throw invalid('stillbox.json does not name its format')
  if (version.data.format.version !== archiveFormatVersion)
    throw invalid(`the archive is of format version ${version.data.format.version}, which is not known here`)
  const result = Manifest.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    throw invalid(`stillbox.json is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`)
  }
  if (manifestText(result.data) !== text) throw invalid('stillbox.json is not in canonical form')
  return result.data
}
