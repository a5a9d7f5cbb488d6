import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { noteSessionEnd } from './session-end.ts'

const watchSession = (error: unknown): void => {
  if (isAppError(error, 'not_signed_in')) noteSessionEnd()
  // Taken away meanwhile: whoever is told so by the session is led to set up a new one.
  if (isAppError(error, 'second_factor_missing')) void queryClient.invalidateQueries({ queryKey: ['session'] })
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: watchSession }),
  mutationCache: new MutationCache({ onError: watchSession }),
  defaultOptions: {
    queries: {
      // The service may well run on this very machine: a browser that thinks it is offline still reaches it.
      networkMode: 'always',
      staleTime: 1_000,
      retry: (failures, error) => failures < 2 && isAppError(error) && error.mayPass,
      retryDelay: (attempt) => 500 * 2 ** attempt,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
