import { Link } from '@tanstack/react-router'
import { Pencil } from 'lucide-react'
import { buttonLook } from '../../ui/button.tsx'
import { textLinkLook } from '../../ui/class-names.ts'
import type { Column } from '../../ui/data-table.tsx'
import { Moment } from '../../ui/figures.tsx'
import type { Account } from './account-draft.ts'
import { factorsText, organizationsText } from './account-words.ts'
import { rowButtonLook } from './row-button-look.ts'

type Named = { readonly organization: string; readonly name: string }

export const accountColumns = (organizations: readonly Named[]): readonly Column<Account>[] => [
  {
    id: 'userName',
    header: 'User name',
    names: true,
    cell: ({ userName, fullName }) => (
      <span className="flex flex-col">
        <Link
          to="/accounts/by-name/$userName"
          params={{ userName }}
          className={`${textLinkLook} self-start text-14 font-medium wrap-anywhere`}
        >
          {userName}
        </Link>
        {fullName !== '' && <span className="text-soft wrap-anywhere">{fullName}</span>}
      </span>
    ),
  },
  { id: 'role', header: 'Role', cell: ({ role }) => role },
  {
    id: 'organizations',
    header: 'Organizations',
    cell: (account) => organizationsText(account.organizations, organizations),
  },
  {
    id: 'signIn',
    header: 'Second factor',
    cell: ({ secondFactors, hasPassword }) => (
      <span className="flex flex-col">
        {secondFactors.length > 0 ? factorsText(secondFactors) : <span className="text-soft">none</span>}
        {!hasPassword && <span className="text-12 text-soft">no password: by certificate only</span>}
      </span>
    ),
  },
  {
    id: 'lastSignInAt',
    header: 'Last sign-in',
    cell: ({ lastSignInAt }) =>
      lastSignInAt ? <Moment at={lastSignInAt} /> : <span className="text-soft">never</span>,
  },
  {
    id: 'operations',
    header: 'Operations',
    align: 'right',
    cell: ({ userName }) => (
      <Link
        to="/accounts/by-name/$userName"
        params={{ userName }}
        className={`${buttonLook('quiet', 'small')} ${rowButtonLook}`}
      >
        <Pencil size={14} strokeWidth={2} aria-hidden="true" />
        Edit<span className="sr-only"> {userName}</span>
      </Link>
    ),
  },
]
