import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { useIsNarrow } from './use-media.ts'

export type Column<Row> = {
  readonly id: string
  readonly header: string
  /** Null where there is nothing to say: a dash in the table, left out of a card. */
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'left' | 'right'
  /** Tailwind classes for the width of the column. */
  readonly width?: string
  /** This column names the row: a row header in the table, the heading of the card. */
  readonly names?: boolean
  /** Stands beside the heading of a card, without its own label. */
  readonly badges?: boolean
}

type DataTableProps<Row> = {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  rowLook?: (row: Row) => string | false
  /** The columns keep the widths they ask for; those that ask for none share the rest. */
  fixed?: boolean
}

/** A ledger: a table where there is room, cards with the same fields in the same order on a phone. */
export const DataTable = <Row,>(props: DataTableProps<Row>) =>
  useIsNarrow() ? <Cards {...props} /> : <Table {...props} />

const Cards = <Row,>({ caption, columns, rows, rowKey, rowLook }: DataTableProps<Row>) => {
  const naming = columns.find(({ names }) => names)
  const badge = columns.find(({ badges }) => badges)
  const fields = columns.filter((column) => column !== naming && column !== badge)
  return (
    <ul aria-label={caption} className="grid items-start gap-3 sm:grid-cols-2">
      {rows.map((row) => (
        <li key={rowKey(row)} className={classNames('rounded border border-line bg-raised px-4 py-2', rowLook?.(row))}>
          <div className="flex items-start justify-between gap-3 py-1">
            <div className="min-w-0">{naming?.cell(row)}</div>
            {badge?.cell(row)}
          </div>
          <dl>
            {fields
              .map(({ id, header, cell }) => ({ id, header, content: cell(row) }))
              .filter(({ content }) => content !== null)
              .map(({ id, header, content }) => (
                <div
                  key={id}
                  className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-start gap-3 border-t border-line py-2"
                >
                  <dt className="pt-0.5 text-12 text-soft">{header}</dt>
                  <dd className="min-w-0 text-13">{content}</dd>
                </div>
              ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}

const dash = (
  <span className="leading-6 text-soft">
    <span aria-hidden="true">–</span>
    <span className="sr-only">nothing</span>
  </span>
)

const Table = <Row,>({ caption, columns, rows, rowKey, rowLook, fixed = false }: DataTableProps<Row>) => (
  <div className="relative overflow-x-auto">
    <table className={classNames('w-full border-collapse text-13', fixed && 'table-fixed')}>
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ id, header, align = 'left', width }) => (
            <th
              key={id}
              scope="col"
              className={classNames(
                'border-b-3 border-double border-line-strong px-2 pb-2 lg:px-3 text-12 font-medium whitespace-nowrap text-soft first:pl-3 last:pr-2',
                align === 'right' ? 'text-right' : 'text-left',
                width,
              )}
            >
              {header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            className={classNames('border-b border-line align-top hover:bg-raised', rowLook?.(row))}
          >
            {columns.map(({ id, cell, align = 'left', width, names = false }) => {
              const look = classNames(
                'px-2 py-2 font-normal first:pl-3 last:pr-2 lg:px-3',
                align === 'right' ? 'text-right tabular-nums' : 'text-left',
                width,
              )
              const content = cell(row) ?? dash
              return names ? (
                <th key={id} scope="row" className={look}>
                  {content}
                </th>
              ) : (
                <td key={id} className={look}>
                  {content}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
