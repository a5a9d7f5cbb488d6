/** A passkey as it is kept. Instants in ISO 8601. */
export type Passkey = {
  /** What the browser calls it: base64url. */
  readonly credentialId: string
  /** A UUID by which people speak of it. */
  readonly deviceId: string
  readonly name: string
  /** COSE key (RFC 9052), base64url. */
  readonly publicKey: string
  /** How often it says it was used; 0 for those that do not count. */
  readonly counter: number
  readonly transports: readonly string[]
  readonly addedAt: string
}

export type TotpDevice = {
  readonly deviceId: string
  readonly sealedSecret: string
  readonly addedAt: string
  /** Counts only once a code has shown that it was set up. */
  readonly isConfirmed: boolean
}

/** The second factors of accounts; all of them go with the account. */
export type SecondFactorStore = {
  totp(userName: string): Promise<TotpDevice | null>
  /** Takes the place of one that was not confirmed. Answers false when a confirmed one is there. */
  beginTotp(userName: string, device: Omit<TotpDevice, 'isConfirmed'>): Promise<boolean>
  /** Answers whether it was there and not yet confirmed. `step` is used up with it. */
  confirmTotp(userName: string, deviceId: string, step: number): Promise<boolean>
  /** A code counts once, over all processes: answers false unless `step` is later than the one used last. */
  useTotpStep(userName: string, step: number): Promise<boolean>
  /** Answers whether there was one. */
  removeTotp(userName: string): Promise<boolean>

  passkeys(userName: string): Promise<readonly Passkey[]>
  /** Answers false when this credential is known already, to whatever account. */
  addPasskey(userName: string, passkey: Passkey): Promise<boolean>
  setPasskeyCounter(credentialId: string, counter: number): Promise<void>
  removePasskey(userName: string, deviceId: string): Promise<boolean>

  /** A question to an authenticator, which may be answered once before it runs out. */
  addChallenge(challenge: {
    readonly challengeHash: string
    readonly userName: string
    readonly purpose: 'register' | 'sign-in'
    readonly expiresAt: string
  }): Promise<void>
  takeChallenge(challengeHash: string, userName: string, purpose: 'register' | 'sign-in', now: string): Promise<boolean>

  /** Takes the place of all there are. */
  setRecoveryCodes(userName: string, codeHashes: readonly string[]): Promise<void>
  recoveryCodesLeft(userName: string): Promise<number>
  /** A code counts once, over all processes. */
  useRecoveryCode(userName: string, codeHash: string): Promise<boolean>
}
