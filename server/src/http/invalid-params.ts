import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { z } from 'zod'

const sentenceOf = (issue: z.core.$ZodIssue): string => {
  const name = issue.path.find((part) => typeof part === 'string')
  // Many messages of the contract name their parameter already.
  return name === undefined || issue.message.includes(String(name))
    ? issue.message
    : `${String(name)}: ${issue.message}`
}

/** All that is wrong with the parameters, in one sentence for a person. */
export const invalidParams = (error: z.ZodError): AppError => {
  const sentences = [...new Set(error.issues.map(sentenceOf))]
  const more = sentences.length > 5 ? `; and ${sentences.length - 5} more` : ''
  return new AppError('invalid_params', { details: { reason: `${sentences.slice(0, 5).join('; ')}${more}.` } })
}
