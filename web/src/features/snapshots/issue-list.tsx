import type { IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { countText } from '../../ui/format.ts'

const columns: readonly Column<IssueLine & { line: number }>[] = [
  { id: 'text', header: 'What happened', names: true, cell: ({ text }) => text },
  { id: 'folder', header: 'Folder', width: 'w-56', cell: ({ folder }) => <span className="break-all">{folder}</span> },
  {
    id: 'ref',
    header: 'Item',
    width: 'w-56',
    cell: ({ ref }) => <span className="font-mono text-12 break-all">{ref ?? 'whole folder'}</span>,
  },
  { id: 'code', header: 'Code', width: 'w-40', cell: ({ code }) => <span className="font-mono text-12">{code}</span> },
]

type IssueListProps = { issues: readonly IssueLine[]; issueCount: number | null; isBusy: boolean }

/** Each item that could not be taken or came with a remark. */
export const IssueList = ({ issues, issueCount, isBusy }: IssueListProps) => {
  if (issues.length === 0)
    return (
      <p className="text-soft">
        {issueCount === 0 ? 'None: every item came as it should.' : isBusy ? 'Not known yet.' : 'None were recorded.'}
      </p>
    )
  return (
    <div className="flex flex-col gap-2">
      <DataTable
        caption="Issues"
        columns={columns}
        rows={issues.map((issue, line) => ({ ...issue, line }))}
        rowKey={({ line }) => String(line)}
      />
      {issueCount !== null && issueCount > issues.length && (
        <p className="text-13 text-soft">
          The first {countText(issues.length)} of {countText(issueCount)}. All of them are in issues.jsonl in the
          archive.
        </p>
      )}
    </div>
  )
}
