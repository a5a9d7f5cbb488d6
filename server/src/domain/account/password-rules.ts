import { AppError } from '@stillbox/shared/errors/app-error.ts'

export type PasswordRules = {
  /** In characters as a person counts them. */
  readonly minLength: number
}

const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })

/** Length before anything else (NIST SP 800-63B §5.1.1.2), and nothing that is guessed first. @throws AppError `invalid_params` */
export const checkPasswordRules = (
  { userName, password }: { readonly userName: string; readonly password: string },
  { minLength }: PasswordRules,
): void => {
  const characters = [...password.normalize('NFC')]
  if (characters.length < minLength) throw refuse(`the password has fewer than ${minLength} characters.`)
  if (new Set(characters).size < 4) throw refuse('the password repeats the same few characters.')
  const name = userName.normalize('NFC').toLowerCase()
  if (name.length >= 4 && password.normalize('NFC').toLowerCase().replaceAll(name, '').length < minLength / 2)
    throw refuse('the password is little more than the user name.')
}
