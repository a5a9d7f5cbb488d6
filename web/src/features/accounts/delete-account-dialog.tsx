import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeleteAccount } from '../../api/account-mutations.ts'
import { accessTokens, sessionsOf } from '../../api/account-queries.ts'
import { errorText } from '../../api/error-text.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Instant } from '../../ui/figures.tsx'
import { showToast } from '../../ui/toast.tsx'
import type { Account } from './account-draft.ts'
import { factorsText } from './account-words.ts'

/** Names what goes with an account before it goes. */
export const DeleteAccountDialog = ({ account, onClose }: { account: Account; onClose: () => void }) => {
  const { userName, role, lastSignInAt, secondFactors } = account
  const remove = useDeleteAccount()
  const navigate = useNavigate()
  const sessions = useQuery(sessionsOf(userName))
  const tokens = useQuery(accessTokens(userName))
  const facts = [
    { term: 'Role', fact: role },
    { term: 'Last sign-in', fact: lastSignInAt ? <Instant at={lastSignInAt} /> : 'never' },
    { term: 'Second factor', fact: secondFactors.length > 0 ? factorsText(secondFactors) : 'none' },
    { term: 'Sessions', fact: sessions.data?.length ?? '…' },
    { term: 'Access tokens', fact: tokens.data?.map(({ name }) => name).join(', ') || 'none' },
  ]
  return (
    <ConfirmDialog
      title={`Delete the account ${userName}?`}
      verb="Delete"
      busyVerb="Deleting…"
      keep="Keep it"
      busy={remove.isPending}
      error={remove.isError ? errorText(remove.error) : null}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          { userName },
          {
            onSuccess: () => {
              showToast('good', `The account ${userName} was deleted.`)
              void navigate({ to: '/accounts' })
            },
          },
        )
      }
    >
      <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 rounded bg-sunken px-3 py-2.5 text-13">
        {facts.map(({ term, fact }) => (
          <div key={term} className="contents">
            <dt className="text-soft">{term}</dt>
            <dd className="wrap-anywhere">{fact}</dd>
          </div>
        ))}
      </dl>
      <p className="text-soft">
        Its sessions, tokens and second factors go with it, and nobody signs in with it any more. Snapshots it created
        and records of what it did stay.
      </p>
    </ConfirmDialog>
  )
}
