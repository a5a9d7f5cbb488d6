import { FileOutput } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ExportDialog } from './export-dialog.tsx'
import type { SnapshotDetails } from './snapshot-details.ts'

/** Opens the question what is to be exported; who may download may export. */
export const ExportButton = ({ snapshot, reason }: { snapshot: SnapshotDetails; reason: string | null }) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button icon={FileOutput} disabledReason={reason} onClick={() => setOpen(true)}>
        Export
      </Button>
      {isOpen && <ExportDialog snapshot={snapshot} onClose={() => setOpen(false)} />}
    </>
  )
}
