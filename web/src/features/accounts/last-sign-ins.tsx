import { useQuery } from '@tanstack/react-query'
import { lastSignIns, type Owner } from '../../api/account-queries.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Instant } from '../../ui/figures.tsx'
import { clientWords } from './account-words.ts'
import { Loaded } from './loaded.tsx'

type SignIn = { client: keyof typeof clientWords; at: string; address: string }

const columns: readonly Column<SignIn>[] = [
  { id: 'client', header: 'With', names: true, cell: ({ client }) => clientWords[client] },
  { id: 'at', header: 'When', cell: ({ at }) => <Instant at={at} /> },
  {
    id: 'address',
    header: 'From',
    cell: ({ address }) => <span className="font-mono text-12 break-all">{address}</span>,
  },
]

/** The last sign-in with each kind of client. */
export const LastSignIns = ({ owner }: { owner: Owner }) => (
  <Loaded query={useQuery(lastSignIns(owner))} what="The last sign-ins">
    {(signIns) =>
      signIns.length === 0 ? (
        <p className="text-soft">This account has not signed in yet.</p>
      ) : (
        <DataTable
          caption="The last sign-in with each kind of client"
          columns={columns}
          rows={signIns}
          rowKey={({ client }) => client}
        />
      )
    }
  </Loaded>
)
