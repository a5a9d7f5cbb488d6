import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ErrorCode } from '@stillbox/shared/errors/error-catalog.ts'
import { errorText } from './error-text.ts'

export type FormErrors = {
  /** What is said beside a field, by the name of its parameter. */
  readonly fields: Readonly<Record<string, string>>
  /** What is about none of them; null when there is nothing of that kind. */
  readonly form: string | null
}

/** Refusals that are about one parameter without naming it. */
const fieldsByCode: Partial<Record<ErrorCode, readonly string[]>> = {
  name_taken: ['newUserName', 'userName'],
  last_administrator: ['privileges'],
}

const asSentence = (text: string): string => {
  const trimmed = text.trim()
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`
}

/**
 * What a refusal says, sentence by sentence, beside the field each one names.
 * @param words what a person calls the parameter, by its name in the contract
 */
export const formErrors = (error: unknown, words: Readonly<Record<string, string>>): FormErrors => {
  if (error === null || error === undefined) return { fields: {}, form: null }
  if (!isAppError(error)) return { fields: {}, form: errorText(error) }
  const byCode = fieldsByCode[error.code]?.find((name) => name in words)
  if (byCode !== undefined) return { fields: { [byCode]: error.message }, form: null }
  if (error.code !== 'invalid_params') return { fields: {}, form: errorText(error) }

  const found: Record<string, string> = {}
  const rest: string[] = []
  for (const sentence of String(error.details.reason ?? '').split('; ')) {
    const field =
      Object.keys(words).find((name) => sentence.startsWith(name)) ??
      Object.keys(words).find((name) => new RegExp(`\\b${name}\\b`).test(sentence))
    if (field === undefined) rest.push(sentence)
    else found[field] ??= asSentence(withWords(sentence, field, words[field]!))
  }
  return { fields: found, form: rest.length > 0 ? asSentence(rest.join('; ')) : null }
}

const withWords = (sentence: string, field: string, word: string): string =>
  sentence.replace(new RegExp(`^${field}: `), '').replace(new RegExp(`(\\bthe )?\\b${field}\\b`), `the ${word}`)
