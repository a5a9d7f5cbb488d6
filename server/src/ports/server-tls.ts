/** What a listener needs to speak TLS. */
export type TlsMaterial = {
  /** The service's certificate and those up to its authority, PEM. */
  readonly cert: string
  readonly key: string
  readonly passphrase: string | null
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** Authorities whose certificates clients are asked for, PEM; null: clients are not asked. */
  readonly clientAuthorities: readonly string[] | null
}

/** Certificate and key of the service, which are renewed while it runs. */
export type ServerTls = {
  current(): TlsMaterial
  /** Told with what connections from now on are to be made. */
  onChange(listener: (material: TlsMaterial) => void): void
}
