import { useQuery } from '@tanstack/react-query'
import { session } from '../../api/queries.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageHeader, Section } from '../../ui/page-header.tsx'
import { AccessTokens } from './access-tokens.tsx'
import { IdentityFacts } from './identity-facts.tsx'
import { LastSignIns } from './last-sign-ins.tsx'
import { OwnPasswordForm } from './own-password-form.tsx'
import { PasswordHistory } from './password-history.tsx'
import { SecondFactors } from './second-factors.tsx'
import { SessionList } from './session-list.tsx'

/** The own account: who one is here, and everything that lets one in. */
export const ProfilePage = () => {
  const { data: signedIn } = useQuery(session())
  if (!signedIn) return null
  const { userName, role, lacksSecondFactor } = signedIn
  return (
    <div className="flex max-w-200 flex-col gap-9">
      <div className="flex flex-col gap-4">
        <PageHeader title="Profile" />
        {lacksSecondFactor && (
          <Notice tone="warning" title="Set up a second factor first">
            <p>
              Accounts with the role {role} need one here, and yours has none. Until it is set up the service refuses
              everything else, so every other page leads back to this one.
            </p>
          </Notice>
        )}
        <IdentityFacts session={signedIn} />
      </div>
      <Section title="Second factor">
        <SecondFactors owner={null} />
      </Section>
      <Section title="Password">
        <OwnPasswordForm userName={userName} />
        <PasswordHistory owner={null} />
      </Section>
      <Section title="Sessions" aside="Browsers that are signed in to this account">
        <SessionList owner={null} />
      </Section>
      <Section title="Access tokens" aside="For programs, in place of the password">
        <AccessTokens owner={null} ownRole={role} />
      </Section>
      <Section title="Last sign-ins">
        <LastSignIns owner={null} />
      </Section>
    </div>
  )
}
