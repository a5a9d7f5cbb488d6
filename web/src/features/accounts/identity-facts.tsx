import { useQuery } from '@tanstack/react-query'
import { accountInfo } from '../../api/account-queries.ts'
import { organizations } from '../../api/queries.ts'
import type { Session } from '../../api/session.ts'
import { Fact, FactList } from '../../ui/fact.tsx'
import { Instant } from '../../ui/figures.tsx'
import { organizationsText, roleHints } from './account-words.ts'

/** Who is signed in, as what, and by which certificate. */
export const IdentityFacts = ({ session }: { session: Session }) => {
  const { userName, fullName, role, organizations: chosen, certificate, lacksSecondFactor } = session
  // Refused until the second factor that is missing is set up.
  const { data: all = [] } = useQuery({ ...organizations(), enabled: !lacksSecondFactor })
  const { data: info } = useQuery({ ...accountInfo(null), enabled: !lacksSecondFactor })
  return (
    <FactList>
      <Fact term="User name">
        <span className="min-w-0 break-words">{userName}</span>
      </Fact>
      {fullName !== '' && (
        <Fact term="Full name">
          <span className="min-w-0 break-words">{fullName}</span>
        </Fact>
      )}
      {info && info.emailAddresses.length > 0 && (
        <Fact term="E-mail">
          {info.emailAddresses.map((address) => (
            <span key={address} className="min-w-0 break-words">
              {address}
            </span>
          ))}
        </Fact>
      )}
      <Fact term="Role">
        <span>{role}</span>
        <span className="text-soft">{roleHints[role]}</span>
      </Fact>
      <Fact term="Organizations">{organizationsText(chosen, all)}</Fact>
      {certificate && (
        <Fact term="Certificate">
          <span className="min-w-0 break-words">{certificate.subject}</span>
          <span>
            <span className="text-soft">valid until </span>
            <Instant at={certificate.validTo} />
          </span>
          <span className="font-mono text-12 break-all text-soft">SHA-256 {certificate.fingerprint}</span>
        </Fact>
      )}
    </FactList>
  )
}
