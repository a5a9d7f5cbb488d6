import type { SecondFactorKind } from '@stillbox/shared/vocabulary/access.ts'
import type { Passkey, SecondFactorStore, TotpDevice } from '../../src/ports/second-factor-store.ts'

const keyOf = (userName: string) => userName.toLowerCase()

export const createMemorySecondFactors = () => {
  const devices = new Map<string, TotpDevice & { lastStep: number }>()
  const passkeys = new Map<string, Passkey & { owner: string }>()
  const challenges = new Map<string, { owner: string; purpose: string; expiresAt: string }>()
  const recoveryCodes = new Map<string, Set<string>>()
  const passkeysOf = (userName: string) => [...passkeys.values()].filter(({ owner }) => owner === keyOf(userName))

  const store: SecondFactorStore = {
    totp: async (userName) => {
      const device = devices.get(keyOf(userName))
      if (!device) return null
      const { lastStep: _, ...shown } = device
      return shown
    },
    beginTotp: async (userName, device) => {
      if (devices.get(keyOf(userName))?.isConfirmed) return false
      devices.set(keyOf(userName), { ...device, isConfirmed: false, lastStep: -1 })
      return true
    },
    confirmTotp: async (userName, deviceId, step) => {
      const device = devices.get(keyOf(userName))
      if (!device || device.deviceId !== deviceId || device.isConfirmed) return false
      devices.set(keyOf(userName), { ...device, isConfirmed: true, lastStep: step })
      return true
    },
    useTotpStep: async (userName, step) => {
      const device = devices.get(keyOf(userName))
      if (!device?.isConfirmed || device.lastStep >= step) return false
      device.lastStep = step
      return true
    },
    removeTotp: async (userName) => devices.delete(keyOf(userName)),
    passkeys: async (userName) => passkeysOf(userName).map(({ owner: _, ...passkey }) => passkey),
    addPasskey: async (userName, passkey) => {
      if (passkeys.has(passkey.credentialId)) return false
      passkeys.set(passkey.credentialId, { ...passkey, owner: keyOf(userName) })
      return true
    },
    setPasskeyCounter: async (credentialId, counter) => {
      const passkey = passkeys.get(credentialId)
      if (passkey) passkeys.set(credentialId, { ...passkey, counter })
    },
    removePasskey: async (userName, deviceId) => {
      const passkey = passkeysOf(userName).find((one) => one.deviceId === deviceId)
      return passkey ? passkeys.delete(passkey.credentialId) : false
    },
    addChallenge: async ({ challengeHash, userName, purpose, expiresAt }) =>
      void challenges.set(challengeHash, { owner: keyOf(userName), purpose, expiresAt }),
    takeChallenge: async (challengeHash, userName, purpose, now) => {
      const challenge = challenges.get(challengeHash)
      if (!challenge || challenge.owner !== keyOf(userName) || challenge.purpose !== purpose) return false
      challenges.delete(challengeHash)
      return challenge.expiresAt > now
    },
    setRecoveryCodes: async (userName, hashes) => void recoveryCodes.set(keyOf(userName), new Set(hashes)),
    recoveryCodesLeft: async (userName) => recoveryCodes.get(keyOf(userName))?.size ?? 0,
    useRecoveryCode: async (userName, hash) => recoveryCodes.get(keyOf(userName))?.delete(hash) ?? false,
  }
  const kindsOf = (userName: string): readonly SecondFactorKind[] => [
    ...(devices.get(keyOf(userName))?.isConfirmed ? (['totp'] as const) : []),
    ...(passkeysOf(userName).length > 0 ? (['passkey'] as const) : []),
  ]
  return { store, kindsOf }
}
