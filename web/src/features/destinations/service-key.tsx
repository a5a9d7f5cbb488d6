import { useQuery } from '@tanstack/react-query'
import { errorText } from '../../api/error-text.ts'
import { serverInfo } from '../../api/queries.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { FieldError } from '../../ui/field.tsx'

/** The public keys of this service, to be let in at a destination, and where they go there. */
export const ServiceKey = ({ userName }: { userName: string }) => {
  const { data: server, error } = useQuery(serverInfo())
  if (error) return <FieldError>{errorText(error)}</FieldError>
  if (!server) return null
  return (
    <div className="flex flex-col gap-2 rounded border border-line bg-raised px-3 py-2.5">
      <p className="text-13">
        Add one of these lines to <span className="font-mono">~/.ssh/authorized_keys</span> of{' '}
        {userName ? <span className="font-medium wrap-anywhere">{userName}</span> : 'that user'} on the server. The
        first one is the better one; the others are for servers that do not know it.
      </p>
      <ul className="flex flex-col gap-1.5">
        {server.deliveryKeys.map(({ algorithm, line }) => (
          <li key={line} className="flex flex-wrap items-center gap-x-3">
            {/* The whole line is copied; of the long ones the beginning is enough to tell them apart. */}
            <code className="min-w-0 flex-1 truncate rounded-small bg-sunken px-2 py-1 font-mono text-12" title={line}>
              {line}
            </code>
            <CopyButton label={`Copy ${algorithm} line`} said="The line is on the clipboard." text={line} />
          </li>
        ))}
      </ul>
    </div>
  )
}
