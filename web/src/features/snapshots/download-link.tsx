import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { Download } from 'lucide-react'
import { Button, buttonLook } from '../../ui/button.tsx'

type DownloadLinkProps = {
  snapshot: Snapshot
  reason: string | null
  kind: 'primary' | 'quiet'
  size?: 'normal' | 'small'
}

/** A plain link, so that the browser's own download list, resuming and “save link as” work. */
export const DownloadLink = ({ snapshot, reason, kind, size = 'normal' }: DownloadLinkProps) =>
  reason === null ? (
    <a href={`/download/${snapshot.snapshotId}`} download className={buttonLook(kind, size)}>
      <Download size={size === 'small' ? 14 : 16} strokeWidth={2} aria-hidden="true" />
      Download
      <span className="sr-only"> the archive of {snapshot.userName}</span>
    </a>
  ) : (
    <Button kind={kind} size={size} icon={Download} disabledReason={reason}>
      Download
    </Button>
  )
