import { Secret, TOTP } from 'otpauth'
import type { OneTimeCodes } from '../../ports/one-time-codes.ts'

const periodSeconds = 30

export const createOneTimeCodes = (issuer: string): OneTimeCodes => {
  const totpOf = (secret: string, label = 'account') =>
    new TOTP({
      issuer,
      label,
      secret: Secret.fromBase32(secret),
      algorithm: 'SHA1',
      digits: 6,
      period: periodSeconds,
    })
  return {
    newSecret: () => new Secret({ size: 20 }).base32,
    uri: (secret, userName) => totpOf(secret, userName).toString(),
    stepOf: (secret, code, nowMs) => {
      if (!/^\d{6}$/.test(code)) return null
      const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: 1 })
      return delta === null ? null : Math.floor(nowMs / 1_000 / periodSeconds) + delta
    },
  }
}
