/** The service's own keys, kept in files apart from the database. */
export type Secrets = {
  /** Encrypts for the database (AES-256-GCM); `context` must be the same on opening, so that a value cannot be moved to another row. */
  seal(plain: string, context: string): string
  /** @throws Error when it was not sealed with this key and context. */
  open(sealed: string, context: string): string
  /** Ed25519 private key in PKCS #8 PEM; signs archives. */
  readonly signingKeyPem: string
  /** Its public half: SPKI, base64. */
  readonly signingPublicKey: string
}
