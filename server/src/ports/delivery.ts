/** How to reach one delivery destination: plain data, so that it can go to a worker. It holds credentials: never log it. */
export type DestinationSpec = {
  /** `sftp` needs the SFTP subsystem; `scp` needs a shell with `scp` and the usual POSIX tools, and no SFTP at all. */
  readonly protocol: 'sftp' | 'scp'
  readonly host: string
  /** 22 unless the server says otherwise. */
  readonly port: number
  readonly username: string
  /** The folder to deliver into; it must exist. Relative to where the sign-in lands; `''` is that place itself. */
  readonly path: string
  /**
   * Host keys to accept, any one of them: `SHA256:…` or hex MD5 pairs, with or without `MD5:`. Empty: no connection is made,
   * and the error names what the server showed.
   */
  readonly hostKeyFingerprints: readonly string[]
  readonly auth: DestinationAuth
  /**
   * Addresses and networks (`127.0.0.1`, `10.0.0.0/8`) that may be connected to although they are this machine or its local link; for all
   * others such an address is refused, also when a host name leads there.
   */
  readonly allowedAddresses: readonly string[]
  /** Longest silence of the server, and longest wait for the connection. */
  readonly timeoutMs: number
}

export type DestinationAuth =
  /** The service's own keys, as PEM, tried in this order. */
  | { readonly method: 'service-key'; readonly privateKeyPems: readonly string[] }
  | { readonly method: 'private-key'; readonly privateKeyPem: string; readonly passphrase?: string }
  /** Also answers the prompts of keyboard-interactive (RFC 4256), where a server asks for the password that way. */
  | { readonly method: 'password'; readonly password: string }

/** A finished file: the same bytes at every read, for as long as it is delivered. */
export type DeliveryFile = {
  readonly sizeBytes: number
  /** These bytes, all of them. Several reads may be under way. The bytes belong to the caller of `read`. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

export type DeliveryRequest = {
  readonly file: DeliveryFile
  /**
   * Folders below that of the destination, from the outside in; made when missing, for their owner alone. Segments as `name`, and neither
   * `.` nor `..`. A file in the place of one rejects with `destination_exists`.
   */
  readonly folders: readonly string[]
  /** One path segment, at most 250 bytes in UTF-8; any other character than `/` and NUL. */
  readonly name: string
  /**
   * Its name until it is whole; left out: `<name>.part`. For a name that calls may use at the same time, each call needs another here. A
   * segment of at most 255 bytes.
   */
  readonly partName?: string
  /** Whether a file that is there under this name may be replaced. */
  readonly replace: boolean
  /** Bytes known to be written at the server, of `file.sizeBytes`; never falls within one call, and starts where a resumed upload does. */
  onProgress(bytesDone: number): void
  readonly signal: AbortSignal
}

export type Delivered = {
  /** Where the file lies, as the server names it. */
  readonly path: string
  /** Lower-case hex, where the server computed it itself and it is that of the file; else only the size was compared. */
  readonly sha256?: string
}

/**
 * One destination. Each call makes a connection of its own; calls for different names may run at the same time.
 *
 * Every call rejects with an AppError: `destination_forbidden`, `destination_unreachable`, `destination_timeout`,
 * `destination_sign_in_refused`, `destination_host_key_unknown`, `destination_host_key_changed`, `destination_no_permission`, `destination_folder_missing`,
 * `destination_exists`, `destination_full`, `destination_damaged`, `destination_protocol`; with `signal.reason` once aborted,
 * within two seconds. An error of `file.read` and of `onProgress` comes out as it is.
 */
export type Delivery = {
  /**
   * Uploads to `partName`, compares size and checksum, then renames. Nothing is ever under the final name but the whole file.
   * What is under `partName` is taken for the beginning of this file, checked, and continued where it ends; so a second
   * call after a failure sends only the rest. Unless `replace`, a file of that name rejects with `destination_exists`; but when
   * the server's checksum says that it is this very file, it counts as delivered, as after an answer that was lost.
   */
  deliver(request: DeliveryRequest): Promise<Delivered>
  /** Connects, writes a small file under a name of its own, and removes it: whether a delivery would work. */
  probe(signal: AbortSignal): Promise<void>
}

/**
 * Refuses a host that is written as an IP address to which no connection would be made. Names pass: where one leads is looked up, and
 * judged, when it is connected to. @throws AppError `destination_forbidden`
 */
export type CheckHost = (host: string) => void

/** Whether a private key can be used with this passphrase: `locked` is one whose passphrase is missing or wrong. */
export type CheckPrivateKey = (privateKey: string, passphrase?: string) => 'usable' | 'locked' | 'unreadable'

export type OpenDelivery = (destination: DestinationSpec) => Delivery

/** One of a server's host keys, in both forms a person may have at hand. */
export type HostKey = {
  /** As in `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`. */
  readonly algorithm: string
  /** `SHA256:` and base64 without padding, as OpenSSH prints it. */
  readonly sha256: string
  /** Sixteen hex pairs with colons, without a prefix. */
  readonly md5: string
}

/**
 * The keys a server shows, for the question at first use. Nothing is signed in to and nothing accepted.
 * @throws AppError `destination_forbidden`, `destination_unreachable`, `destination_timeout`, `destination_protocol`; `signal.reason` when
 * aborted.
 */
export type ReadHostKeys = (
  server: Pick<DestinationSpec, 'host' | 'port' | 'timeoutMs' | 'allowedAddresses'>,
  signal: AbortSignal,
) => Promise<readonly HostKey[]>
