import type { ParamsInput } from '@stillbox/shared/contract/registry.ts'
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { api } from './client.ts'

/** What the log is narrowed to. */
export type AuditNarrowing = Omit<ParamsInput<'GetAuditLog'>, 'limit' | 'before'>

const pageSize = 50

/** The audit log, newest first, one page after the other. */
export const auditLog = (narrowing: AuditNarrowing) =>
  infiniteQueryOptions({
    queryKey: ['GetAuditLog', narrowing],
    queryFn: ({ signal, pageParam }) =>
      api.GetAuditLog(
        { ...narrowing, limit: pageSize, ...(pageParam === null ? {} : { before: pageParam }) },
        { signal },
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    // Pages that were read do not change, and new entries must not push what somebody reads: “Show the newest” asks again.
    refetchOnWindowFocus: false,
  })

/** One entry by its number; null when there is none the caller may see. */
export const auditEntry = (number: number) =>
  queryOptions({
    queryKey: ['GetAuditLog', 'entry', number],
    queryFn: async ({ signal }) => {
      const { entries } = await api.GetAuditLog({ limit: 1, before: number + 1 }, { signal })
      return entries.find((entry) => entry.number === number) ?? null
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Has the chain of hashes computed anew. */
export const useVerifyAuditLog = () => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => ({ ...(await api.VerifyAuditLog({})), at: new Date().toISOString() }),
    // That it was verified is an entry, too.
    onSettled: () => queries.invalidateQueries({ queryKey: ['GetAuditLog'] }),
  })
}
