import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { errorText } from '../../api/error-text.ts'
import { ErrorView, SkeletonRows } from '../../ui/views.tsx'

type LoadedProps<Data> = {
  query: UseQueryResult<Data>
  /** What is being asked for, in the plural: “The sessions”. */
  what: string
  rows?: number
  children: (data: Data) => ReactNode
}

/** What a query answered, once it has; before that its place, or why it did not. */
export const Loaded = <Data,>({ query, what, rows = 2, children }: LoadedProps<Data>) => {
  if (query.data !== undefined) return children(query.data)
  return query.isPending ? (
    <SkeletonRows rows={rows} label={`${what} are loading`} />
  ) : (
    <ErrorView
      title={`${what} could not be read`}
      text={errorText(query.error)}
      onRetry={() => {
        void query.refetch()
      }}
    />
  )
}
