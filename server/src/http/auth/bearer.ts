/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1); null when it is none. */
export const readBearer = (header: string | undefined): string | null =>
  /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header ?? '')?.[1] ?? null
