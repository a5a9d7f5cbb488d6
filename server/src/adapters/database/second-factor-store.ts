import type { SecondFactorStore } from '../../ports/second-factor-store.ts'
import { nameKey } from './account-rows.ts'
import type { Database } from './open-database.ts'

export const createDatabaseSecondFactorStore = ({
  database: { db },
}: {
  readonly database: Database
}): SecondFactorStore => ({
  totp: async (userName) => {
    const row = await db
      .selectFrom('totp_devices')
      .select([
        'device_id as deviceId',
        'sealed_secret as sealedSecret',
        'added_at as addedAt',
        'is_confirmed as isConfirmed',
      ])
      .where('name_key', '=', nameKey(userName))
      .executeTakeFirst()
    return row ?? null
  },

  beginTotp: async (userName, { deviceId, sealedSecret, addedAt }) => {
    const values = { device_id: deviceId, sealed_secret: sealedSecret, added_at: addedAt }
    const begun = await db
      .insertInto('totp_devices')
      .values({ name_key: nameKey(userName), ...values })
      .onConflict((conflict) =>
        conflict.column('name_key').doUpdateSet(values).where('totp_devices.is_confirmed', '=', false),
      )
      .returning('name_key')
      .executeTakeFirst()
    return begun !== undefined
  },

  confirmTotp: async (userName, deviceId, step) => {
    const confirmed = await db
      .updateTable('totp_devices')
      .set({ is_confirmed: true, last_step: step })
      .where('name_key', '=', nameKey(userName))
      .where('device_id', '=', deviceId)
      .where('is_confirmed', '=', false)
      .returning('name_key')
      .executeTakeFirst()
    return confirmed !== undefined
  },

  useTotpStep: async (userName, step) => {
    const used = await db
      .updateTable('totp_devices')
      .set({ last_step: step })
      .where('name_key', '=', nameKey(userName))
      .where('is_confirmed', '=', true)
      .where('last_step', '<', step)
      .returning('name_key')
      .executeTakeFirst()
    return used !== undefined
  },

  removeTotp: async (userName) => {
    const { numDeletedRows } = await db
      .deleteFrom('totp_devices')
      .where('name_key', '=', nameKey(userName))
      .executeTakeFirst()
    return numDeletedRows > 0n
  },

  passkeys: async (userName) => {
    const rows = await db
      .selectFrom('passkeys')
      .select([
        'credential_id as credentialId',
        'device_id as deviceId',
        'name',
        'public_key as publicKey',
        'counter',
        'transports',
        'added_at as addedAt',
      ])
      .where('name_key', '=', nameKey(userName))
      .orderBy('added_at')
      .orderBy('credential_id')
      .execute()
    return rows.map((row) => ({ ...row, transports: row.transports as string[] }))
  },

  addPasskey: async (userName, { credentialId, deviceId, name, publicKey, counter, transports, addedAt }) => {
    const added = await db
      .insertInto('passkeys')
      .values({
        credential_id: credentialId,
        device_id: deviceId,
        name_key: nameKey(userName),
        name,
        public_key: publicKey,
        counter,
        transports: JSON.stringify(transports),
        added_at: addedAt,
      })
      .onConflict((conflict) => conflict.column('credential_id').doNothing())
      .returning('credential_id')
      .executeTakeFirst()
    return added !== undefined
  },

  setPasskeyCounter: async (credentialId, counter) => {
    await db.updateTable('passkeys').set({ counter }).where('credential_id', '=', credentialId).execute()
  },

  removePasskey: async (userName, deviceId) => {
    const { numDeletedRows } = await db
      .deleteFrom('passkeys')
      .where('name_key', '=', nameKey(userName))
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },

  addChallenge: async ({ challengeHash, userName, purpose, expiresAt }) => {
    await db
      .insertInto('passkey_challenges')
      .values({ challenge_hash: challengeHash, name_key: nameKey(userName), purpose, expires_at: expiresAt })
      .execute()
  },

  takeChallenge: async (challengeHash, userName, purpose, now) => {
    // Whatever nobody has answered in time goes along.
    await db.deleteFrom('passkey_challenges').where('expires_at', '<=', now).execute()
    const taken = await db
      .deleteFrom('passkey_challenges')
      .where('challenge_hash', '=', challengeHash)
      .where('name_key', '=', nameKey(userName))
      .where('purpose', '=', purpose)
      .returning('challenge_hash')
      .executeTakeFirst()
    return taken !== undefined
  },

  setRecoveryCodes: (userName, codeHashes) =>
    db.transaction().execute(async (transaction) => {
      const key = nameKey(userName)
      await transaction.deleteFrom('recovery_codes').where('name_key', '=', key).execute()
      if (codeHashes.length > 0)
        await transaction
          .insertInto('recovery_codes')
          .values(codeHashes.map((code_hash) => ({ name_key: key, code_hash })))
          .execute()
    }),

  recoveryCodesLeft: async (userName) => {
    const { count } = await db
      .selectFrom('recovery_codes')
      .select((builder) => builder.fn.countAll<number>().as('count'))
      .where('name_key', '=', nameKey(userName))
      .executeTakeFirstOrThrow()
    return count
  },

  useRecoveryCode: async (userName, codeHash) => {
    const { numDeletedRows } = await db
      .deleteFrom('recovery_codes')
      .where('name_key', '=', nameKey(userName))
      .where('code_hash', '=', codeHash)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },
})
