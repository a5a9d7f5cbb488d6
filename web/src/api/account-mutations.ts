import type { MethodName, ParamsInput } from '@stillbox/shared/contract/registry.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { accountQueryNames } from './account-queries.ts'
import { api } from './client.ts'
import { makePasskey } from './passkeys.ts'

/** Whatever a change to an account came to, what is shown of accounts is asked again. */
const useAccountMutation = <Given, Answer>(mutationFn: (given: Given) => Promise<Answer>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    // Not awaited: the row that asked may be gone after the refetch, and its own callbacks with it.
    onSettled: () => {
      for (const name of [...accountQueryNames, 'session']) void queries.invalidateQueries({ queryKey: [name] })
    },
  })
}

export const useSetPassword = () =>
  useAccountMutation((params: ParamsInput<'SetUserPassword'>) => api.SetUserPassword(params))

export const useBeginTotp = () => useMutation({ mutationFn: () => api.BeginTotp({}) })
export const useConfirmTotp = () => useAccountMutation((params: ParamsInput<'ConfirmTotp'>) => api.ConfirmTotp(params))
export const useRemoveTotp = () => useAccountMutation((params: ParamsInput<'RemoveTotp'>) => api.RemoveTotp(params))

/** Asks the service for a challenge, the browser for a passkey, and the service to take it. */
export const useAddPasskey = () =>
  useAccountMutation(async ({ name }: { name: string }) => {
    const { options } = await api.BeginPasskey({})
    const response = await makePasskey(options)
    return api.ConfirmPasskey({ name, response: { ...response } })
  })

export const useRemovePasskey = () =>
  useAccountMutation((params: ParamsInput<'RemovePasskey'>) => api.RemovePasskey(params))
export const useCreateRecoveryCodes = () => useAccountMutation(() => api.CreateRecoveryCodes({}))

export const useEndSession = () => useAccountMutation((params: ParamsInput<'EndSession'>) => api.EndSession(params))

export const useCreateAccessToken = () =>
  useAccountMutation((params: ParamsInput<'CreateAccessToken'>) => api.CreateAccessToken(params))
export const useDeleteAccessToken = () =>
  useAccountMutation((params: ParamsInput<'DeleteAccessToken'>) => api.DeleteAccessToken(params))

export const useCreateAccount = () => useAccountMutation((params: ParamsInput<'CreateUser'>) => api.CreateUser(params))
export const useDeleteAccount = () => useAccountMutation((params: ParamsInput<'DeleteUser'>) => api.DeleteUser(params))
export const useRenameAccount = () => useAccountMutation((params: ParamsInput<'RenameUser'>) => api.RenameUser(params))

type Setter = Extract<
  MethodName,
  'SetUserFullName' | 'SetUserEmailAddresses' | 'SetUserPrivileges' | 'SetUserOrganizations'
>
/** One setter and what it sets. */
export type AccountChange = { readonly [N in Setter]: { readonly method: N; readonly params: ParamsInput<N> } }[Setter]

const makeChange = (change: AccountChange): Promise<null> => {
  switch (change.method) {
    case 'SetUserFullName':
      return api.SetUserFullName(change.params)
    case 'SetUserEmailAddresses':
      return api.SetUserEmailAddresses(change.params)
    case 'SetUserPrivileges':
      return api.SetUserPrivileges(change.params)
    case 'SetUserOrganizations':
      return api.SetUserOrganizations(change.params)
  }
}

/** Makes the changes one after the other and stops at the first that is refused. */
export const useChangeAccount = () =>
  useAccountMutation(async (changes: readonly AccountChange[]) => {
    for (const change of changes) await makeChange(change)
  })
