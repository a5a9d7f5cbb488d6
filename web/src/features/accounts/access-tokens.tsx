import type { AccessTokenRow } from '@stillbox/shared/contract/account-methods.ts'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { z } from 'zod'
import { accessTokens, type Owner } from '../../api/account-queries.ts'
import { Button } from '../../ui/button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Moment } from '../../ui/figures.tsx'
import { scopeWords } from './account-words.ts'
import { CreateTokenDialog } from './create-token-dialog.tsx'
import { DeleteTokenDialog } from './delete-token-dialog.tsx'
import { Loaded } from './loaded.tsx'
import { NewTokenDialog } from './new-token-dialog.tsx'
import { rowButtonLook } from './row-button-look.ts'

type Token = z.output<typeof AccessTokenRow>

const columnsWith = (onDelete: (token: Token) => void): readonly Column<Token>[] => [
  {
    id: 'name',
    header: 'Name',
    names: true,
    cell: ({ name }) => <span className="font-medium wrap-anywhere">{name}</span>,
  },
  { id: 'scope', header: 'Scope', cell: ({ scope }) => scopeWords[scope].label },
  { id: 'createdAt', header: 'Created', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  { id: 'expiresAt', header: 'Good until', cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
  {
    id: 'lastUsedAt',
    header: 'Last used',
    cell: ({ lastUsedAt }) => (lastUsedAt ? <Moment at={lastUsedAt} /> : <span className="text-soft">never</span>),
  },
  {
    id: 'operations',
    header: 'Operations',
    align: 'right',
    cell: (token) => (
      <Button size="small" kind="quiet" icon={Trash2} className={rowButtonLook} onClick={() => onDelete(token)}>
        Delete<span className="sr-only"> the token {token.name}</span>
      </Button>
    ),
  },
]

/** The access tokens of an account, never the tokens themselves. With `ownRole` new ones can be made. */
export const AccessTokens = ({ owner, ownRole = null }: { owner: Owner; ownRole?: Role | null }) => {
  const [isCreating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<Token | null>(null)
  const [created, setCreated] = useState<{ name: string; token: string } | null>(null)
  return (
    <>
      <Loaded query={useQuery(accessTokens(owner))} what="The access tokens">
        {(tokens) =>
          tokens.length === 0 ? (
            <p className="text-soft">No access token.</p>
          ) : (
            <DataTable
              caption="Access tokens"
              columns={columnsWith(setDeleting)}
              rows={tokens}
              rowKey={({ tokenId }) => tokenId}
            />
          )
        }
      </Loaded>
      {ownRole && (
        <div>
          <Button icon={KeyRound} onClick={() => setCreating(true)}>
            Create token
          </Button>
        </div>
      )}
      {isCreating && ownRole && (
        <CreateTokenDialog
          role={ownRole}
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false)
            setCreated(made)
          }}
        />
      )}
      {created && <NewTokenDialog {...created} onClose={() => setCreated(null)} />}
      {deleting && <DeleteTokenDialog owner={owner} token={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}
