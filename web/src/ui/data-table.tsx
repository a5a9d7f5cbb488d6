import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { useIsNarrow } from './use-media.ts'

export type Column<Row> = {
  readonly id: string
  readonly header: ReactNode
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'left' | 'right'
  /** Width of the column, a Tailwind class; the one without takes what is left. */
  readonly width?: string
  /** This column names the row: a row header in the table, the heading of the card. */
  readonly names?: boolean
}

type DataTableProps<Row> = {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  rowLook?: (row: Row) => string | false
  footer?: ReactNode
}

/** A ledger: a table where there is room, cards with the same fields in the same order on a phone. */
export const DataTable = <Row,>({ caption, columns, rows, rowKey, rowLook, footer }: DataTableProps<Row>) => {
  const isNarrow = useIsNarrow()
  if (isNarrow)
    return (
      <ul aria-label={caption} className="flex flex-col gap-3">
        {rows.map((row) => (
          <li
            key={rowKey(row)}
            className={classNames('rounded border border-line bg-raised px-4 py-1', rowLook?.(row))}
          >
            <dl className="divide-y divide-line">
              {columns.map(({ id, header, cell }) => (
                <div key={id} className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-start gap-3 py-2">
                  <dt className="pt-0.5 text-12 text-soft">{header}</dt>
                  <dd className="min-w-0">{cell(row)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    )
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-13">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, header, align = 'left', width }) => (
              <th
                key={id}
                scope="col"
                className={classNames(
                  'border-b-3 border-double border-line-strong px-3 pb-2 text-12 font-medium text-soft first:pl-2 last:pr-2',
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
              {columns.map(({ id, cell, align = 'left', names = false }) => {
                const look = classNames(
                  'px-3 py-2 font-normal first:pl-2 last:pr-2',
                  align === 'right' ? 'text-right' : 'text-left',
                )
                return names ? (
                  <th key={id} scope="row" className={look}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={id} className={look}>
                    {cell(row)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
        {footer && <tfoot>{footer}</tfoot>}
      </table>
    </div>
  )
}
