import { useQuery } from '@tanstack/react-query'
import { type Owner, passwordHistory } from '../../api/account-queries.ts'
import { Instant } from '../../ui/figures.tsx'
import { Loaded } from './loaded.tsx'

/** When the password was changed and by whom, newest first. */
export const PasswordHistory = ({ owner }: { owner: Owner }) => (
  <Loaded query={useQuery(passwordHistory(owner))} what="The password changes">
    {(changes) =>
      changes.length === 0 ? (
        <p className="text-soft">No password has been set yet.</p>
      ) : (
        <details className="rounded border border-line open:bg-raised">
          <summary className="rounded px-3 py-2 text-13 font-medium">
            Password history ({changes.length === 1 ? '1 change' : `${changes.length} changes`})
          </summary>
          <ol className="flex flex-col gap-1 px-3 pb-3 text-13">
            {changes.map(({ changedAt, changedBy }) => (
              <li key={changedAt} className="flex flex-wrap gap-x-3">
                <Instant at={changedAt} />
                <span className="text-soft">
                  by <span className="break-words">{changedBy}</span>
                </span>
              </li>
            ))}
          </ol>
        </details>
      )
    }
  </Loaded>
)
