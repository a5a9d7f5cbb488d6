import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { type ErrorCode, isErrorCode } from '@stillbox/shared/errors/error-catalog.ts'
import { PasskeyError, type PasskeyRefusal } from './passkeys.ts'

/** What a person does next, where the catalog's sentence does not already say it. */
const nextSteps: Partial<Record<ErrorCode, string>> = {
  directory_unreachable: 'Retry in a few minutes; if it stays so, ask who runs the directory.',
  source_unreachable: 'Check that the mail server is up, then retry.',
  source_busy: 'Retry in a few minutes.',
  source_timeout: 'Retry; a large mailbox goes on better when the server is less busy.',
  source_sign_in_refused: 'Check the sign-in in the configuration, or retry with the user’s own password.',
  source_protocol: 'Retry; if it happens again, report it with the id of the snapshot.',
  source_gone: 'Check whether the account was moved, then create a new snapshot.',
  store_failed: 'Check the disk of the archive store, then retry.',
  archive_invalid: 'Delete it and take a new snapshot while the source still holds the items.',
  out_of_memory: 'Retry; if it happens again, report it with the id of the snapshot.',
  worker_died: 'Retry; if it happens again, look into the log of the service.',
  cancelled: 'Retry to start it again, or delete it.',
  timed_out: 'Retry with a shorter range of dates.',
  destination_forbidden: 'Whoever runs this service can allow it; then upload again.',
  destination_unreachable: 'Check that the server is up and lets this service in, then upload again.',
  destination_timeout: 'Upload again; what has arrived already is not sent a second time.',
  destination_sign_in_refused:
    'Correct the sign-in of the destination, or let the key in at the server; then upload again.',
  destination_host_key_changed: 'Once that is settled, change the destination and upload again.',
  destination_no_permission: 'Have it allowed there, or change the destination; then upload again.',
  destination_exists: 'Then upload again.',
  destination_damaged: 'Upload again; if it stays so, ask who runs the server.',
  destination_protocol: 'Change the destination, or the server, then upload again.',
}

export const nextStep = (code: string): string | null => (isErrorCode(code) ? (nextSteps[code] ?? null) : null)

const passkeyTexts: Readonly<Record<PasskeyRefusal, string>> = {
  cancelled:
    'The passkey was not used: it was cancelled, is not of this account, or nobody answered in time. Try again.',
  known: 'This device holds a passkey of this account already.',
  host: 'Passkeys belong to the host name of this service. Open it by the name its configuration gives it.',
  failed: 'The browser could not use a passkey. Try another browser or device.',
}

/** A failure as a sentence for the page; anything unknown stays bare. */
export const errorText = (error: unknown): string => {
  if (isAppError(error, 'source_unreachable') && error.details.host === 'Stillbox')
    return 'Stillbox does not answer. It may be restarting, or the connection is down.'
  if (isAppError(error)) return error.message
  if (error instanceof PasskeyError) return passkeyTexts[error.refusal]
  return 'This page ran into a fault of its own. Reload it; if it happens again, report what you did.'
}

/** The field a sentence begins with, or else the one it names; `userName: …` is shown without the name. */
const fieldOf = (sentence: string, fields: readonly string[]): readonly [string, string] | null => {
  const names = (pattern: (field: string) => string) =>
    fields.find((field) => new RegExp(pattern(field)).test(sentence))
  const field = names((one) => `^${one}\\b`) ?? names((one) => `\\b${one}\\b`)
  return field === undefined ? null : [field, sentence.replace(new RegExp(`^${field}(\\.\\d+)?: `), '')]
}

/** Refusals that are about one field, whatever they say. */
const aboutField: Partial<Record<ErrorCode, string>> = {
  source_missing: 'type',
  destination_gone: 'destinationId',
  destination_not_allowed: 'destinationId',
  destination_forbidden: 'host',
  destination_name_taken: 'name',
}

/**
 * Which of a form's fields a refusal is about, and what it says: the reason is a list of sentences, and each
 * names its parameter. Null when it is about none of them.
 */
export const fieldError = (error: unknown, fields: readonly string[]): Readonly<Record<string, string>> | null => {
  if (!isAppError(error)) return null
  const known = aboutField[error.code]
  const field = error.code === 'destination_secret_missing' ? String(error.details.field) : known
  if (field !== undefined && fields.includes(field)) return { [field]: error.message }
  if (error.code === 'invalid_params') {
    const found = String(error.details.reason ?? '')
      .split('; ')
      .map((sentence) => fieldOf(sentence, fields))
      .filter((entry) => entry !== null)
    if (found.length > 0) return Object.fromEntries(found)
  }
  return null
}
