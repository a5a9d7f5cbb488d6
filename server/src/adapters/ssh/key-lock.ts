/**
 * Opening a key runs on the thread that serves everybody, and whoever made the key says how long it takes: ssh-keygen asks for
 * 16 to 24 rounds of bcrypt, openssl for 2,048 of PBKDF2.
 */
const most = { bcryptRounds: 256, pbkdf2Rounds: 2_000_000 } as const

/** `none`: without a passphrase, or no key at all. */
export type KeyLock = 'none' | 'usual' | 'costly'

/** How a private key is locked, told from what stands before the locked part. */
export const lockOf = (text: string): KeyLock => {
  if (/^-----BEGIN OPENSSH PRIVATE KEY-----/.test(text)) return openSshLock(decoded(text))
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text)) return pkcs8Lock(decoded(text))
  // The old PEM forms, and PuTTY's up to version 2, hash the passphrase once or twice; ssh2 reads no later one.
  return /^(?:Proc-Type: 4,ENCRYPTED|Encryption: (?!none))/m.test(text) ? 'usual' : 'none'
}

const decoded = (text: string): Buffer => Buffer.from(text.replace(/-----[^-]*-----/g, ''), 'base64')

/** PROTOCOL.key of OpenSSH: cipher, kdf, and as options of bcrypt a salt and the number of rounds. */
const openSshLock = (bytes: Buffer): KeyLock => {
  let at = 'openssh-key-v1\0'.length
  const field = (): Buffer => {
    const lengthBytes = bytes.length >= at + 4 ? bytes.readUInt32BE(at) : 0
    const found = bytes.subarray(at + 4, at + 4 + lengthBytes)
    at += 4 + lengthBytes
    return found
  }
  if (field().toString('latin1') === 'none') return 'none'
  field()
  const options = field()
  if (options.length < 4) return 'costly'
  return options.readUInt32BE(options.length - 4) > most.bcryptRounds ? 'costly' : 'usual'
}

/** RFC 8018 §A.2: PBKDF2 with its salt and its number of rounds. Others are not opened: what they cost is not looked into. */
const pkcs8Lock = (bytes: Buffer): KeyLock => {
  const pbkdf2 = /06092a864886f70d01050c30..04(..)/.exec(bytes.toString('hex'))
  if (!pbkdf2) return 'costly'
  const at = pbkdf2.index / 2 + pbkdf2[0].length / 2 + Number.parseInt(pbkdf2[1]!, 16)
  const lengthBytes = bytes[at] === 0x02 ? (bytes[at + 1] ?? 0) : 0
  if (lengthBytes < 1 || lengthBytes > 6 || bytes.length < at + 2 + lengthBytes) return 'costly'
  return bytes.readUIntBE(at + 2, lengthBytes) > most.pbkdf2Rounds ? 'costly' : 'usual'
}
