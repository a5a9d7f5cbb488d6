import { createClient } from '@stillbox/shared/client/create-client.ts'

/** Every method of the service, typed, over JSON-RPC on the same origin. */
export const api = createClient({ url: '/rpc' })
