import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import type { ParamsInput } from '@stillbox/shared/contract/registry.ts'
import type { DestinationId } from '@stillbox/shared/vocabulary/ids.ts'
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from './client.ts'

export const destinationList = () =>
  queryOptions({
    queryKey: ['GetDestinations'],
    queryFn: async ({ signal }) => (await api.GetDestinations({}, { signal })).destinations,
  })

export type SaveDestination =
  | { readonly destinationId: null; readonly params: ParamsInput<'CreateDestination'> }
  | { readonly destinationId: DestinationId; readonly params: Omit<ParamsInput<'EditDestination'>, 'destinationId'> }

const useDestinationMutation = <Params, Answer>(mutationFn: (params: Params) => Promise<Answer>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    // A test that failed has changed the destination, too: when it was tested last, and how that ended.
    onSettled: () => queries.invalidateQueries({ queryKey: ['GetDestinations'] }),
  })
}

/** Creates a destination, or changes what is given of one. */
export const useSaveDestination = () =>
  useDestinationMutation(
    (save: SaveDestination): Promise<Destination> =>
      save.destinationId === null
        ? api.CreateDestination(save.params)
        : api.EditDestination({ ...save.params, destinationId: save.destinationId }),
  )

export const useTestDestination = () =>
  useDestinationMutation(({ destinationId }: Destination) => api.TestDestination({ destinationId }))

export const useDeleteDestination = () =>
  useDestinationMutation(({ destinationId }: Destination) => api.DeleteDestination({ destinationId }))

/** Asks a server which host keys it shows; nothing is saved by that. */
export const useReadHostKeys = () =>
  useMutation({
    mutationFn: async (server: { readonly host: string; readonly port: number }) => ({
      ...server,
      hostKeys: (await api.ReadHostKeys(server)).hostKeys,
    }),
  })
