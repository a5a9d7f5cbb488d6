import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { UserPlus } from 'lucide-react'
import { accounts } from '../../api/account-queries.ts'
import { organizations } from '../../api/queries.ts'
import { buttonLook } from '../../ui/button.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Count } from '../../ui/figures.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { accountColumns } from './account-columns.tsx'
import { ForAdministrators } from './for-administrators.tsx'
import { Loaded } from './loaded.tsx'

const title = 'Accounts'

export const AccountsPage = () => (
  <ForAdministrators title={title}>
    <AccountList />
  </ForAdministrators>
)

/** Who may sign in to this service, by user name. */
const AccountList = () => {
  const list = useQuery(accounts())
  const { data: all = [] } = useQuery(organizations())
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title={title}
        aside={list.data && <Count count={list.data.length} one="account" many="accounts" />}
        actions={
          <Link to="/accounts/new" className={buttonLook('primary')}>
            <UserPlus size={16} strokeWidth={2} aria-hidden="true" />
            Create account
          </Link>
        }
      />
      <Loaded query={list} what="The accounts" rows={5}>
        {(rows) => (
          <DataTable
            caption="Accounts, by user name"
            columns={accountColumns(all)}
            rows={rows}
            rowKey={({ userName }) => userName}
          />
        )}
      </Loaded>
    </div>
  )
}
