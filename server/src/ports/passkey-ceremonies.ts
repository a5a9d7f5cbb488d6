import type { Passkey } from './second-factor-store.ts'

export type PasskeyCredential = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports'>
/** JSON as `navigator.credentials` takes it (WebAuthn Level 3 §5.1.8, §5.1.10), and the challenge in it. */
export type CeremonyOptions = { readonly challenge: string; readonly options: Readonly<Record<string, unknown>> }

/** What WebAuthn asks of a relying party. A response that is wrong in whatever way is answered with null. */
export type PasskeyCeremonies = {
  registrationOptions(user: {
    readonly userName: string
    readonly fullName: string
    readonly known: readonly PasskeyCredential[]
  }): Promise<CeremonyOptions>
  authenticationOptions(known: readonly PasskeyCredential[]): Promise<CeremonyOptions>
  /** The challenge a response claims to answer; null when it is no response. */
  challengeOf(response: unknown): string | null
  verifyRegistration(response: unknown, challenge: string): Promise<PasskeyCredential | null>
  /** The passkey of the account that answered, with its new counter. */
  verifyAuthentication(
    response: unknown,
    challenge: string,
    known: readonly PasskeyCredential[],
  ): Promise<{ readonly credentialId: string; readonly counter: number } | null>
}
