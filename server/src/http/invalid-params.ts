import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { z } from 'zod'

const kindsOfValue: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/** What is wrong with a value where the contract has no sentence of its own. */
export const faultOf = (issue: z.core.$ZodRawIssue): string | undefined => {
  if (issue.input === undefined) return 'is missing'
  const unit = 'origin' in issue && issue.origin === 'string' ? ' characters' : ''
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${kindsOfValue[issue.expected] ?? issue.expected}`
    case 'too_small':
      return `is at least ${issue.minimum}${unit}`
    case 'too_big':
      return `is at most ${issue.maximum}${unit}`
    case 'invalid_value':
      return `is one of ${issue.values.map(String).join(', ')}`
    default:
      return undefined
  }
}

const sentenceOf = (issue: z.core.$ZodIssue): string => {
  const name = issue.path.filter((part) => typeof part === 'string').join('.')
  // Many messages of the contract name their parameter already.
  return name === '' || issue.message.includes(name) ? issue.message : `${name}: ${issue.message}`
}

/** All that is wrong with the parameters, in one sentence for a person. */
export const invalidParams = (error: z.ZodError): AppError => {
  const sentences = [...new Set(error.issues.map(sentenceOf))]
  const more = sentences.length > 5 ? `; and ${sentences.length - 5} more` : ''
  return new AppError('invalid_params', { details: { reason: `${sentences.slice(0, 5).join('; ')}${more}.` } })
}
