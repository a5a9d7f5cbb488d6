import { createSecretKey } from 'node:crypto'
import type { Client } from 'ssh2'

/** Where the pinned ssh2 keeps the key of AES-GCM for what it sends. None of it is promised: where it is missing, nothing happens. */
type Inner = { readonly _protocol?: { readonly _cipher?: { _encKey?: unknown } } }

/**
 * AES-GCM makes a cipher for each packet, and Node prepares a key given as bytes anew each time. As a KeyObject it is prepared
 * once: making the cipher and encrypting 12,000 packets of 32 KB takes 0.15 s instead of 0.4 s.
 */
export const prepareCipher = (client: Client): void => {
  const cipher = (client as unknown as Inner)._protocol?._cipher
  if (cipher !== undefined && Buffer.isBuffer(cipher._encKey)) cipher._encKey = createSecretKey(cipher._encKey)
}
