import type { FolderAccount } from '@stillbox/shared/contract/snapshot-methods.ts'
import { BookUser, CalendarDays, Folder, type LucideIcon } from 'lucide-react'
import { classNames } from '../../ui/class-names.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Bytes } from '../../ui/figures.tsx'
import { countText } from '../../ui/format.ts'

const icons: Readonly<Record<FolderAccount['kind'], LucideIcon>> = {
  mail: Folder,
  calendar: CalendarDays,
  contact: BookUser,
}
const kindWords = { mail: 'Folder', calendar: 'Calendar', contact: 'Address book' } as const

const parts = [
  { key: 'taken', word: 'taken', bar: 'bg-accent', ink: '' },
  {
    key: 'excludedByRequest',
    word: 'excluded by request',
    bar: 'bg-[repeating-linear-gradient(135deg,var(--line-strong)_0_2px,var(--line)_2px_5px)]',
    ink: '',
  },
  { key: 'notTaken', word: 'not taken', bar: 'bg-failed', ink: 'text-failed font-medium' },
  { key: 'vanished', word: 'vanished', bar: 'bg-dumped', ink: 'text-dumped font-medium' },
] as const

type Sums = Pick<FolderAccount, (typeof parts)[number]['key'] | 'onServer' | 'arrivedMeanwhile' | 'takenBytes'>

const sumOf = (folders: readonly FolderAccount[]): Sums => {
  const total = (key: keyof Sums): number => folders.reduce((sum, folder) => sum + folder[key], 0)
  return {
    onServer: total('onServer'),
    taken: total('taken'),
    excludedByRequest: total('excludedByRequest'),
    notTaken: total('notTaken'),
    vanished: total('vanished'),
    arrivedMeanwhile: total('arrivedMeanwhile'),
    takenBytes: total('takenBytes'),
  }
}

/** What became of everything a folder held, as one bar. The figures beside it say the same in numbers. */
const AccountBar = ({ account }: { account: Sums }) => (
  <div
    data-bar
    aria-hidden="true"
    className={classNames(
      'flex h-2.5 w-full gap-px overflow-hidden rounded-small md:mt-1.5',
      account.onServer > 0 ? 'bg-line' : 'shadow-[inset_0_0_0_1px_var(--line)]',
    )}
  >
    {parts.map(({ key, bar }) =>
      account[key] > 0 ? (
        // One item in ten thousand must still be seen.
        <div key={key} className={classNames(bar, 'min-w-1')} style={{ flexGrow: account[key], flexBasis: 0 }} />
      ) : null,
    )}
  </div>
)

const figure = (value: number, ink: string) => (
  <span className={value === 0 ? 'text-soft' : ink}>{value === 0 ? '0' : countText(value)}</span>
)

const columns: readonly Column<FolderAccount>[] = [
  {
    id: 'folder',
    header: 'Folder',
    width: 'min-w-48 xl:min-w-64',
    names: true,
    cell: ({ kind, folder }) => {
      const Icon = icons[kind]
      return (
        <span className="flex items-start gap-2">
          <Icon size={14} className="mt-0.5 shrink-0 text-soft" aria-hidden="true" />
          <span className="sr-only">{kindWords[kind]}</span>
          <span className="wrap-anywhere">{folder}</span>
        </span>
      )
    },
  },
  {
    id: 'bar',
    header: 'What became of it',
    width: 'w-full min-w-32',
    cell: (account) => <AccountBar account={account} />,
  },
  {
    id: 'onServer',
    header: 'On the server',
    align: 'right',
    width: 'whitespace-nowrap',
    cell: ({ onServer }) => countText(onServer),
  },
  ...parts.map(
    ({ key, word, ink }): Column<FolderAccount> => ({
      id: key,
      header: word[0]!.toUpperCase() + word.slice(1),
      align: 'right',
      width: 'whitespace-nowrap',
      cell: (account) => figure(account[key], ink),
    }),
  ),
  { id: 'size', header: 'Size taken', align: 'right', cell: ({ takenBytes }) => <Bytes bytes={takenBytes} /> },
]

type FolderAccountsProps = {
  folders: readonly FolderAccount[]
  isWorking: boolean
  /** Whether there is a complete archive. */
  isWhole: boolean
}

/** Why a complete archive holds nothing. */
const nothingTaken = ({ onServer, excludedByRequest }: Sums): string =>
  onServer === 0
    ? 'The source held nothing. The archive is complete, holds no items, and is the evidence of that.'
    : excludedByRequest === onServer
      ? 'Everything lies outside the range of dates that was asked for. The archive is complete and holds no items.'
      : 'The archive holds no items.'

/** The table that is the point of the product: all that the server held, and what became of it. */
export const FolderAccounts = ({ folders, isWorking, isWhole }: FolderAccountsProps) => {
  if (folders.length === 0 && isWhole)
    return <p className="text-soft">The source has no folder, calendar or address book of these types.</p>
  if (folders.length === 0)
    return (
      <p className="text-soft">
        {isWorking
          ? 'The account is drawn up when the capture is complete.'
          : 'There is no account: the capture did not come to its end.'}
      </p>
    )
  const sum = sumOf(folders)
  const explained = parts
    .filter(({ key }) => key === 'taken' || sum[key] > 0)
    .map(({ key, word }) => `${countText(sum[key])} ${word}`)
    .join(' + ')
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-col gap-2 rounded border border-line bg-raised px-4 py-3">
        <p className="text-14">
          <span className="font-semibold">{countText(sum.onServer)} on the server</span> = {explained}
        </p>
        <AccountBar account={sum} />
        {isWhole && sum.taken === 0 && <p className="text-13">{nothingTaken(sum)}</p>}
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-12 text-soft">
          {parts.map(({ key, word, bar }) => (
            <li key={key} className="inline-flex items-center gap-1.5">
              <span data-bar className={classNames('size-2.5 rounded-[2px]', bar)} aria-hidden="true" />
              {word}
            </li>
          ))}
        </ul>
        {sum.arrivedMeanwhile > 0 && (
          <p className="text-12 text-soft">
            {countText(sum.arrivedMeanwhile)} more arrived after the capture had begun. They are not part of this
            snapshot.
          </p>
        )}
      </div>
      <DataTable
        caption="Account of the source, one row a folder"
        columns={columns}
        rows={folders}
        rowKey={({ kind, folder }) => `${kind} ${folder}`}
      />
    </div>
  )
}
