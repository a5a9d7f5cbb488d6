import { useState } from 'react'
import { useSignIn } from '../../api/mutations.ts'
import { challengeIn, type SecondFactorChallenge } from '../../api/second-factor-challenge.ts'
import type { GivenFactor } from '../../api/session.ts'
import { PasswordStep } from './password-step.tsx'
import { SecondFactorStep } from './second-factor-step.tsx'

/** User name and password, and then the second factor of an account that has one. What was typed stays. */
export const SignInForm = ({ knownUserName = '', onSignedIn }: { knownUserName?: string; onSignedIn?: () => void }) => {
  const [typed, setTyped] = useState({ userName: knownUserName, password: '' })
  const [challenge, setChallenge] = useState<SecondFactorChallenge | null>(null)
  const signIn = useSignIn()
  const credentials = { userName: typed.userName.trim(), password: typed.password }
  const send = (factor: GivenFactor | null = null): void => {
    if (signIn.isPending) return
    signIn.mutate(factor ? { ...credentials, factor } : credentials, {
      onSuccess: () => onSignedIn?.(),
      onError: (error) => {
        const asked = challengeIn(error)
        if (asked) setChallenge(asked)
      },
    })
  }
  const error = signIn.isError && !challengeIn(signIn.error) ? signIn.error : null
  return challenge === null ? (
    <PasswordStep
      {...typed}
      isNameKnown={knownUserName !== ''}
      wasSent={!signIn.isIdle}
      busy={signIn.isPending}
      error={error}
      onChange={setTyped}
      onSubmit={() => send()}
    />
  ) : (
    <SecondFactorStep
      credentials={credentials}
      challenge={challenge}
      busy={signIn.isPending}
      error={error}
      onGiven={send}
      onForget={() => signIn.reset()}
      onBack={() => {
        signIn.reset()
        setChallenge(null)
      }}
    />
  )
}
