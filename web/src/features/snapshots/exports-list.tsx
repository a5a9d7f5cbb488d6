import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '../../api/error-text.ts'
import { snapshotExports } from '../../api/exports.ts'
import { Section } from '../../ui/page-header.tsx'
import { ErrorView } from '../../ui/views.tsx'
import { ExportEntry } from './export-entry.tsx'

/** What a snapshot was exported as; `isOpen` says whether it can be. */
export const ExportsList = ({ snapshotId, isOpen }: { snapshotId: SnapshotId; isOpen: boolean }) => {
  const exports = useQuery(snapshotExports(snapshotId))
  const entries = exports.data ?? []
  if (!isOpen && entries.length === 0) return null
  return (
    <Section title="Exports">
      {exports.isError && !exports.data ? (
        <ErrorView
          title="The exports could not be read"
          text={errorText(exports.error)}
          onRetry={() => {
            void exports.refetch()
          }}
        />
      ) : entries.length === 0 ? (
        <p className="text-soft">
          {exports.isPending
            ? 'Loading…'
            : 'None. “Export” writes the items in another format, for Outlook, Thunderbird and others.'}
        </p>
      ) : (
        <ul className="flex flex-col gap-3">
          {entries.map((entry) => (
            <ExportEntry key={entry.exportId} entry={entry} />
          ))}
        </ul>
      )}
    </Section>
  )
}
