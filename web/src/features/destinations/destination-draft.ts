import type { DeliveryProtocol } from '@stillbox/shared/contract/delivery.ts'
import {
  type Destination,
  type DestinationAuthMethod,
  destinationMethods,
} from '@stillbox/shared/contract/destination-methods.ts'
import { defaultPathTemplate } from '@stillbox/shared/vocabulary/path-template.ts'
import { HostFingerprint, SshHost, SshPort } from '@stillbox/shared/vocabulary/ssh-server.ts'
import type { SaveDestination } from '../../api/destinations.ts'

/** The form of a destination as it is typed. */
export type DestinationDraft = {
  readonly name: string
  readonly protocol: DeliveryProtocol
  readonly host: string
  readonly port: string
  readonly username: string
  readonly path: string
  readonly fileName: string
  /** Host keys that were accepted. */
  readonly hostKeyFingerprints: readonly string[]
  /** A fingerprint that is being typed and was not accepted yet. */
  readonly pasted: string
  readonly authMethod: DestinationAuthMethod
  readonly password: string
  readonly privateKey: string
  readonly passphrase: string
  readonly deletesLocal: boolean
  /** Whether it is for some organizations only. */
  readonly isLimited: boolean
  readonly organizations: readonly string[]
}

const labels = {
  name: 'The name',
  protocol: 'The protocol',
  host: 'The host',
  port: 'The port',
  username: 'The user name',
  path: 'The folder',
  fileName: 'The path of the file',
  hostKeyFingerprints: 'The fingerprint',
  authMethod: 'The sign-in',
  password: 'The password',
  privateKey: 'The private key',
  passphrase: 'The passphrase',
  deletesLocal: 'The choice',
  organizations: 'The organizations',
} as const

export type DestinationField = keyof typeof labels
export const destinationFields = Object.keys(labels) as readonly DestinationField[]
export type DestinationErrors = Readonly<Partial<Record<DestinationField, string>>>

export const draftOf = (destination: Destination | null): DestinationDraft => ({
  name: destination?.name ?? '',
  protocol: destination?.protocol ?? 'sftp',
  host: destination?.host ?? '',
  port: String(destination?.port ?? 22),
  username: destination?.username ?? '',
  path: destination?.path ?? '',
  fileName: destination?.fileName ?? defaultPathTemplate,
  hostKeyFingerprints: destination?.hostKeyFingerprints ?? [],
  pasted: '',
  authMethod: destination?.authMethod ?? 'service-key',
  password: '',
  privateKey: '',
  passphrase: '',
  deletesLocal: destination?.deletesLocal ?? false,
  isLimited: (destination?.organizations ?? null) !== null,
  organizations: destination?.organizations ?? [],
})

/** Host and port as the contract takes them; null while they are not complete. */
export const serverOf = ({ host, port }: Pick<DestinationDraft, 'host' | 'port'>) => {
  const [name, number] = [SshHost.safeParse(host), SshPort.safeParse(portNumber(port))]
  return name.success && number.success ? { host: name.data, port: number.data } : null
}

const portNumber = (text: string): number => (/^\s*\d{1,5}\s*$/.test(text) ? Number(text) : Number.NaN)

/** The fingerprint in the contract’s spelling, or what is wrong with it. */
export const readFingerprint = (text: string): { readonly fingerprint: string } | { readonly error: string } => {
  const read = HostFingerprint.safeParse(text)
  return read.success
    ? { fingerprint: read.data }
    : { error: 'A fingerprint is SHA256: with 43 letters and digits after it, or 16 pairs such as 0f with colons.' }
}

/** What the sign-in needs a secret of its own for; null for the service’s key, which is there. */
const secretField = {
  'service-key': null,
  password: 'password',
  'private-key': 'privateKey',
} as const

/** Whether the saved password or key goes on counting: it belongs to one account on one server. */
export const keepsSecret = (draft: DestinationDraft, saved: Destination | null): boolean => {
  const server = serverOf(draft)
  return (
    saved !== null &&
    saved.authMethod === draft.authMethod &&
    server?.host === saved.host &&
    server.port === saved.port &&
    draft.username === saved.username
  )
}

const missing = (draft: DestinationDraft, saved: Destination | null, keys: readonly string[]): DestinationErrors => {
  const secret = secretField[draft.authMethod]
  const secretError = (() => {
    if (secret === null || draft[secret] !== '' || keepsSecret(draft, saved)) return {}
    if (saved?.authMethod === draft.authMethod)
      return {
        [secret]: `Enter it again: with another host, port or user name ${labels[secret].toLowerCase()} is not kept.`,
      }
    return { [secret]: secret === 'password' ? 'Enter the password.' : 'Paste the private key.' }
  })()
  const passphraseAlone =
    draft.authMethod === 'private-key' &&
    draft.passphrase !== '' &&
    draft.privateKey === '' &&
    secretError.privateKey === undefined
  return {
    ...(draft.name.trim() === '' ? { name: 'Enter a name, by which it is chosen for a snapshot.' } : {}),
    ...(draft.host.trim() === '' ? { host: 'Enter the name or address of the server.' } : {}),
    ...(draft.username === '' ? { username: 'Enter the user name to sign in with.' } : {}),
    ...(draft.fileName.trim() === '' ? { fileName: 'Enter what the file is to be called.' } : {}),
    ...(keys.length === 0
      ? { hostKeyFingerprints: 'Read the host key and compare it, or paste the fingerprint you were told.' }
      : {}),
    ...secretError,
    ...(passphraseAlone ? { privateKey: 'Paste the private key that this passphrase opens.' } : {}),
    ...(draft.isLimited && draft.organizations.length === 0
      ? { organizations: 'Choose at least one organization, or all of them.' }
      : {}),
  }
}

export type CheckedDestination =
  | { readonly save: SaveDestination; readonly errors: null }
  | { readonly save: null; readonly errors: DestinationErrors }

/** A message of the contract as a sentence: most begin with “is” or “has”. */
const worded = (field: DestinationField, message: string): string =>
  /^(is|has) /.test(message) ? `${labels[field]} ${message}.` : `${message[0]!.toUpperCase()}${message.slice(1)}.`

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The call that saves it, with what changed alone where it exists already, or what is wrong with which field. */
export const checkDestination = (draft: DestinationDraft, saved: Destination | null): CheckedDestination => {
  const typed = draft.pasted.trim() === '' ? null : readFingerprint(draft.pasted)
  if (typed && 'error' in typed) return { save: null, errors: { hostKeyFingerprints: typed.error } }
  const hostKeyFingerprints = [...new Set([...draft.hostKeyFingerprints, ...(typed ? [typed.fingerprint] : [])])]
  const errors = missing(draft, saved, hostKeyFingerprints)
  const { name, protocol, host, port, username, path, fileName, authMethod, deletesLocal } = draft
  const wanted = {
    name,
    protocol,
    host,
    port: portNumber(port),
    username,
    path,
    fileName,
    hostKeyFingerprints,
    authMethod,
    deletesLocal,
    organizations: draft.isLimited ? [...draft.organizations] : ['*' as const],
  }
  const secrets = {
    ...(authMethod === 'password' && draft.password !== '' ? { password: draft.password } : {}),
    ...(authMethod === 'private-key' && draft.privateKey !== '' ? { privateKey: draft.privateKey } : {}),
    ...(authMethod === 'private-key' && draft.passphrase !== '' ? { passphrase: draft.passphrase } : {}),
  }
  const checked = destinationMethods.CreateDestination.params.safeParse({ ...wanted, ...secrets })
  const refused = Object.fromEntries(
    (checked.error?.issues ?? []).map(({ path: [field], message }) => [
      String(field),
      worded(field as DestinationField, message),
    ]),
  )
  const all: DestinationErrors = { ...refused, ...errors }
  if (!checked.success || Object.keys(all).length > 0) return { save: null, errors: all }
  if (saved === null) return { save: { destinationId: null, params: { ...wanted, ...secrets } }, errors: null }
  const before = { ...saved, organizations: saved.organizations ?? ['*'] }
  const changed = Object.entries(checked.data).filter(
    ([field, value]) => !(field in before) || !isSame(value, before[field as keyof typeof before]),
  )
  return { save: { destinationId: saved.destinationId, params: Object.fromEntries(changed) }, errors: null }
}
