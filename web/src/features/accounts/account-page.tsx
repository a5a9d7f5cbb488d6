import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { accounts } from '../../api/account-queries.ts'
import { session } from '../../api/queries.ts'
import { buttonLook } from '../../ui/button.tsx'
import { textLinkLook } from '../../ui/class-names.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageHeader, Section } from '../../ui/page-header.tsx'
import { EmptyView, SkeletonRows } from '../../ui/views.tsx'
import { AccessTokens } from './access-tokens.tsx'
import type { Account } from './account-draft.ts'
import { AccountOperations } from './account-operations.tsx'
import { EditAccountForm } from './edit-account-form.tsx'
import { ForAdministrators } from './for-administrators.tsx'
import { LastSignIns } from './last-sign-ins.tsx'
import { Loaded } from './loaded.tsx'
import { PasswordHistory } from './password-history.tsx'
import { isSameName } from './same-name.ts'
import { SecondFactors } from './second-factors.tsx'
import { SessionList } from './session-list.tsx'

/** One account, and all an administrator can do about it. */
export const AccountPage = () => {
  const { userName } = useParams({ from: '/signed-in/accounts/by-name/$userName' })
  return (
    <ForAdministrators title={userName}>
      <AccountByName userName={userName} />
    </ForAdministrators>
  )
}

const AccountByName = ({ userName }: { userName: string }) => {
  const list = useQuery(accounts())
  const { data: signedIn } = useQuery(session())
  const account = list.data?.find((one) => isSameName(one.userName, userName))
  const isOwn = account !== undefined && signedIn != null && isSameName(account.userName, signedIn.userName)
  return (
    <div className="flex max-w-200 flex-col gap-9">
      <div className="flex flex-col gap-3">
        <Link
          to="/accounts"
          data-chrome
          className="inline-flex min-h-6 items-center gap-1.5 self-start text-13 text-soft hover:text-accent"
        >
          <ArrowLeft size={14} aria-hidden="true" />
          Accounts
        </Link>
        <PageHeader
          title={account?.userName ?? userName}
          heading={<span className="wrap-anywhere">{account?.userName ?? userName}</span>}
          actions={account && <AccountOperations account={account} isOwn={isOwn} />}
        />
      </div>
      <Loaded query={list} what="The accounts" rows={5}>
        {() => {
          if (account) return <AccountSections account={account} isOwn={isOwn} />
          // One that was made or renamed just now is in the next answer.
          return list.isFetching ? <SkeletonRows rows={5} label="The account is loading" /> : <NoSuchAccount />
        }}
      </Loaded>
    </div>
  )
}

const AccountSections = ({ account, isOwn }: { account: Account; isOwn: boolean }) => {
  const { userName, hasPassword } = account
  return (
    <>
      {isOwn && (
        <Notice tone="info" title="This is your own account">
          <p>
            Its password, second factor, sessions and tokens are on{' '}
            <Link to="/profile" className={textLinkLook}>
              your profile
            </Link>
            .
          </p>
        </Notice>
      )}
      <Section title="Account">
        <EditAccountForm key={userName} account={account} />
      </Section>
      {!isOwn && (
        <>
          <Section title="Second factor">
            <SecondFactors owner={userName} />
          </Section>
          <Section title="Password">
            {!hasPassword && <p className="text-soft">It has none and signs in by client certificate only.</p>}
            <PasswordHistory owner={userName} />
          </Section>
          <Section title="Sessions" aside="Browsers that are signed in to this account">
            <SessionList owner={userName} />
          </Section>
          <Section title="Access tokens" aside="For programs. Only the owner of the account can make one.">
            <AccessTokens owner={userName} />
          </Section>
          <Section title="Last sign-ins">
            <LastSignIns owner={userName} />
          </Section>
        </>
      )}
    </>
  )
}

const NoSuchAccount = () => (
  <EmptyView
    title="There is no such account"
    actions={
      <Link to="/accounts" className={buttonLook('primary')}>
        Show the accounts
      </Link>
    }
  >
    <p>It may have been deleted or renamed, or it belongs to organizations that you do not manage.</p>
  </EmptyView>
)
