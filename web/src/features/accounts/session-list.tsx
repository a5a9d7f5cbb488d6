import type { SessionRow } from '@stillbox/shared/contract/account-methods.ts'
import { useQuery } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'
import type { z } from 'zod'
import { useEndSession } from '../../api/account-mutations.ts'
import { type Owner, sessionsOf, whose } from '../../api/account-queries.ts'
import { errorText } from '../../api/error-text.ts'
import { Button } from '../../ui/button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Moment } from '../../ui/figures.tsx'
import { showToast } from '../../ui/toast.tsx'
import { deviceText } from './device-text.ts'
import { focusHeading } from './focus-heading.ts'
import { Loaded } from './loaded.tsx'
import { rowButtonLook } from './row-button-look.ts'

type Session = z.output<typeof SessionRow>

const endedText = (count: number): string => (count === 1 ? '1 session was ended.' : `${count} sessions were ended.`)

/** Browsers that are signed in, each with its end. */
export const SessionList = ({ owner }: { owner: Owner }) => {
  const end = useEndSession()
  const run = (sessionId?: string): void =>
    end.mutate(
      { ...whose(owner), ...(sessionId === undefined ? {} : { sessionId }) },
      {
        onSuccess: ({ ended }) => {
          showToast('good', endedText(ended))
          focusHeading()
        },
        onError: (error) => showToast('bad', errorText(error)),
      },
    )
  const columns: readonly Column<Session>[] = [
    {
      id: 'device',
      header: 'Device',
      names: true,
      cell: ({ userAgent, isCurrent }) => (
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium break-words">{deviceText(userAgent)}</span>
          {isCurrent && (
            <span className="rounded-small bg-accent-wash px-1.5 text-12 font-medium text-accent-strong">this one</span>
          )}
        </span>
      ),
    },
    {
      id: 'address',
      header: 'Address',
      cell: ({ address }) => <span className="font-mono text-12 break-all">{address}</span>,
    },
    { id: 'lastUsedAt', header: 'Last used', cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} /> },
    { id: 'createdAt', header: 'Signed in', cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      id: 'operations',
      header: 'Operations',
      align: 'right',
      cell: ({ sessionId, isCurrent, userAgent, address }) =>
        isCurrent ? null : (
          <Button size="small" kind="quiet" icon={LogOut} className={rowButtonLook} onClick={() => run(sessionId)}>
            End
            <span className="sr-only">
              {' '}
              the session of {deviceText(userAgent)} at {address}
            </span>
          </Button>
        ),
    },
  ]
  return (
    <Loaded query={useQuery(sessionsOf(owner))} what="The sessions">
      {(sessions) => {
        const others = sessions.filter(({ isCurrent }) => !isCurrent).length
        return (
          <>
            {sessions.length === 0 ? (
              <p className="text-soft">No browser is signed in to this account.</p>
            ) : (
              <DataTable
                caption="Sessions, the last used one first"
                columns={columns}
                rows={sessions}
                rowKey={({ sessionId }) => sessionId}
              />
            )}
            {others > 0 && (
              <div>
                <Button icon={LogOut} busy={end.isPending} onClick={() => run()}>
                  {others < sessions.length ? 'End all others' : 'End all'}
                </Button>
              </div>
            )}
          </>
        )
      }}
    </Loaded>
  )
}
