import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'
import type { PasskeyCeremonies, PasskeyCredential } from '../../ports/passkey-ceremonies.ts'

const ClientData = z.object({ challenge: z.string().min(1).max(512), origin: z.string().max(512) })
const AnyResponse = z.looseObject({
  id: z.string().min(1).max(2_048),
  rawId: z.string().max(2_048),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: z.string().max(8_192) }),
  clientExtensionResults: z.looseObject({}).default({}),
})

const clientDataOf = (response: unknown): z.output<typeof ClientData> | null => {
  const parsed = AnyResponse.safeParse(response)
  if (!parsed.success) return null
  try {
    const text = Buffer.from(parsed.data.response.clientDataJSON, 'base64url').toString('utf8')
    return ClientData.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** Ed25519, ES256, RS256 (RFC 9053), which authenticators have today. */
const algorithms = [-8, -7, -257]

/** Passkeys belong to a host name, never to an address, so on this machine it is `localhost`, on whatever port. */
const loopbackOrigin = /^https?:\/\/localhost(:\d{1,5})?$/

/** @param publicUrl where people reach the service; null for this machine alone */
export const createPasskeyCeremonies = ({ publicUrl }: { readonly publicUrl: string | null }): PasskeyCeremonies => {
  const rpID = publicUrl === null ? 'localhost' : new URL(publicUrl).hostname
  const originFor = (response: unknown): string | null => {
    if (publicUrl !== null) return new URL(publicUrl).origin
    const origin = clientDataOf(response)?.origin
    return origin !== undefined && loopbackOrigin.test(origin) ? origin : null
  }
  const credentialsOf = (known: readonly PasskeyCredential[]) =>
    known.map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] }))
  /** The library throws a sentence of its own for everything that does not fit; all of it means refused. */
  const orNull = async <T>(work: () => Promise<T | null>): Promise<T | null> => {
    try {
      return await work()
    } catch {
      return null
    }
  }

  return {
    registrationOptions: async ({ userName, fullName, known }) => {
      const options = await generateRegistrationOptions({
        rpName: 'Stillbox',
        rpID,
        userName,
        userDisplayName: fullName || userName,
        attestationType: 'none',
        supportedAlgorithmIDs: algorithms,
        excludeCredentials: credentialsOf(known),
        // It stands beside a password: what counts is that it is there, not that it knows its owner too.
        authenticatorSelection: { residentKey: 'discouraged', userVerification: 'discouraged' },
      })
      return { challenge: options.challenge, options: { ...options } }
    },

    authenticationOptions: async (known) => {
      const options = await generateAuthenticationOptions({
        rpID,
        allowCredentials: credentialsOf(known),
        userVerification: 'discouraged',
      })
      return { challenge: options.challenge, options: { ...options } }
    },

    challengeOf: (response) => clientDataOf(response)?.challenge ?? null,

    verifyRegistration: (response, challenge) =>
      orNull(async () => {
        const origin = originFor(response)
        if (origin === null) return null
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: response as RegistrationResponseJSON,
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: false,
          supportedAlgorithmIDs: algorithms,
        })
        if (!verified) return null
        const { id, publicKey, counter, transports = [] } = registrationInfo.credential
        return {
          credentialId: id,
          publicKey: Buffer.from(publicKey).toString('base64url'),
          counter,
          transports: transports.filter((one) => /^[a-z-]{1,20}$/.test(one)).slice(0, 10),
        }
      }),

    verifyAuthentication: (response, challenge, known) =>
      orNull(async () => {
        const origin = originFor(response)
        const id = AnyResponse.safeParse(response).data?.id
        const passkey = known.find(({ credentialId }) => credentialId === id)
        if (origin === null || !passkey) return null
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: response as AuthenticationResponseJSON,
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: false,
          credential: {
            id: passkey.credentialId,
            publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
            counter: passkey.counter,
            transports: [...passkey.transports],
          },
        })
        return verified ? { credentialId: passkey.credentialId, counter: authenticationInfo.newCounter } : null
      }),
  }
}
