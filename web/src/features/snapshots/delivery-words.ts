import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'

type Facts = Pick<Snapshot, 'state' | 'isStored' | 'rootHash' | 'delivery'>

/** Whether only the delivery failed: the archive is complete and lies here. */
export const hasFailedDelivery = ({ state, isStored, delivery }: Facts): boolean =>
  state === 'failed' && isStored && delivery !== null

export const protocolText = { sftp: 'SFTP', scp: 'SCP' } as const
