import { isAppError } from '@stillbox/shared/errors/app-error.ts'

/** What the service asks for after the password was right. */
export type SecondFactorChallenge = {
  readonly hasApp: boolean
  /** For the browser’s authenticator, good once and for five minutes; null where the account has no passkey. */
  readonly passkeyOptions: Readonly<Record<string, unknown>> | null
}

const optionsIn = (text: unknown): SecondFactorChallenge['passkeyOptions'] => {
  if (typeof text !== 'string') return null
  try {
    const options: unknown = JSON.parse(text)
    return typeof options === 'object' && options !== null ? { ...options } : null
  } catch {
    return null
  }
}

/** The challenge in a refused sign-in; null when it was refused for something else. */
export const challengeIn = (error: unknown): SecondFactorChallenge | null => {
  if (!isAppError(error, 'second_factor_required')) return null
  const methods = String(error.details.methods ?? '').split(',')
  return { hasApp: methods.includes('totp'), passkeyOptions: optionsIn(error.details.passkeyOptions) }
}
