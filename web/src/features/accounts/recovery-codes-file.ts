export type RecoveryCodes = {
  readonly codes: readonly string[]
  readonly userName: string
  readonly origin: string
  readonly madeAt: Date
}

/** The codes as a text file that still says in a year what it is. */
export const recoveryCodesFile = ({
  codes,
  userName,
  origin,
  madeAt,
}: RecoveryCodes): { name: string; text: string } => ({
  // A user name may hold whatever a file name may not.
  name: `stillbox-recovery-codes-${userName.replace(/[^\p{L}\p{N}.@_-]+/gu, '-').slice(0, 80)}.txt`,
  text: [
    `Stillbox recovery codes of ${userName} at ${origin}`,
    `Made on ${madeAt.toISOString().slice(0, 10)}. Each is good once. Codes made before that are worthless.`,
    '',
    ...codes,
    '',
  ].join('\r\n'),
})
