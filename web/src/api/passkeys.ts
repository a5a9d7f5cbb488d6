import {
  type AuthenticationResponseJSON,
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'

/** Why the browser made or used no passkey. */
export type PasskeyRefusal = 'cancelled' | 'known' | 'host' | 'failed'

/** The browser or its authenticator refused; what it says itself is for developers. */
export class PasskeyError extends Error {
  readonly refusal: PasskeyRefusal

  constructor(refusal: PasskeyRefusal, cause: unknown) {
    super(`passkey ${refusal}`, { cause })
    this.name = 'PasskeyError'
    this.refusal = refusal
  }
}

/** By the name of the exception, WebAuthn Level 3 §5.1.3 and §5.1.4. */
const refusals: Readonly<Record<string, PasskeyRefusal>> = {
  NotAllowedError: 'cancelled',
  AbortError: 'cancelled',
  InvalidStateError: 'known',
  SecurityError: 'host',
}

const refusedAs = (cause: unknown): PasskeyError =>
  new PasskeyError((cause instanceof Error ? refusals[cause.name] : undefined) ?? 'failed', cause)

/** Why passkeys cannot be used where this page was opened; null when they can. */
export const whyNoPasskeys = (
  { protocol, hostname, port }: Pick<Location, 'protocol' | 'hostname' | 'port'> = window.location,
  isSupported = browserSupportsWebAuthn(),
): string | null => {
  // A passkey belongs to a host name, never to an address (WebAuthn Level 3 §5.1.3: the effective domain).
  if (/^(\d+\.){3}\d+$|^\[/.test(hostname))
    return hostname === '127.0.0.1' || hostname === '[::1]'
      ? `Passkeys belong to a host name. Open ${protocol}//localhost${port && `:${port}`} instead of ${hostname}.`
      : 'Passkeys belong to a host name. Open this service by its name instead of its address.'
  return isSupported ? null : 'This browser has no passkeys for this page. It needs https and a browser of our days.'
}

/** Has the authenticator make a passkey. @throws PasskeyError */
export const makePasskey = (options: Readonly<Record<string, unknown>>): Promise<RegistrationResponseJSON> =>
  startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }).catch(
    (cause: unknown) => {
      throw refusedAs(cause)
    },
  )

/** Has the authenticator prove that it is there. @throws PasskeyError */
export const askForPasskey = (options: Readonly<Record<string, unknown>>): Promise<AuthenticationResponseJSON> =>
  startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }).catch(
    (cause: unknown) => {
      throw refusedAs(cause)
    },
  )
