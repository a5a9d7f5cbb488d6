import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { session } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { recoveryCodesFile } from './recovery-codes-file.ts'

/** Ten codes that nobody can see again. It is closed by its button only, so that a slip does not lose them. */
export const RecoveryCodesDialog = ({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) => {
  const { data: signedIn } = useQuery(session())
  const [madeAt] = useState(() => new Date())
  const file = recoveryCodesFile({
    codes,
    userName: signedIn?.userName ?? 'account',
    origin: window.location.origin,
    madeAt,
  })
  return (
    <Dialog title="Keep these recovery codes">
      <p>
        They are shown <span className="font-medium">this once</span>. Each signs you in once in place of the second
        factor, for the day it is lost. Keep them where the password is not.
      </p>
      <ul aria-label="Recovery codes" className="grid grid-cols-2 gap-x-6 gap-y-1 rounded bg-sunken px-4 py-3">
        {codes.map((code) => (
          <li key={code} className="font-mono text-14">
            {code}
          </li>
        ))}
      </ul>
      <div className="-ml-2 flex flex-wrap gap-1">
        <CopyButton label="Copy codes" text={codes.join('\n')} said="The recovery codes are on the clipboard." />
        <a
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(file.text)}`}
          download={file.name}
          className={buttonLook('quiet', 'small')}
        >
          <Download size={14} strokeWidth={2} aria-hidden="true" />
          Download codes
        </a>
      </div>
      <Actions>
        <Button kind="primary" onClick={onClose}>
          I have kept them
        </Button>
      </Actions>
    </Dialog>
  )
}
