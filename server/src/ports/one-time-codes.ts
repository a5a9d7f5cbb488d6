/** Time-based one-time passwords (RFC 6238): 6 digits, 30 seconds, SHA-1, which is what the apps know. */
export type OneTimeCodes = {
  /** 160 random bits in Base32. */
  newSecret(): string
  /** What an app reads from a QR code. */
  uri(secret: string, userName: string): string
  /** The 30-second step a code belongs to, when that is now or one beside it; null for a wrong code. */
  stepOf(secret: string, code: string, nowMs: number): number | null
}
