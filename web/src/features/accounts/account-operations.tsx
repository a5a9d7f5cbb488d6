import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { LockKeyhole, PenLine, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import type { Account } from './account-draft.ts'
import { DeleteAccountDialog } from './delete-account-dialog.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { SetPasswordDialog } from './set-password-dialog.tsx'

/** What can be done to an account as a whole. */
export const AccountOperations = ({ account, isOwn }: { account: Account; isOwn: boolean }) => {
  const [question, setQuestion] = useState<'rename' | 'password' | 'delete' | null>(null)
  const close = (): void => setQuestion(null)
  const { userName } = account
  return (
    <>
      <Button icon={PenLine} onClick={() => setQuestion('rename')}>
        Rename
      </Button>
      {!isOwn && (
        <Button icon={LockKeyhole} onClick={() => setQuestion('password')}>
          Set password
        </Button>
      )}
      <Button
        icon={Trash2}
        disabledReason={isOwn ? new AppError('not_oneself').message : null}
        onClick={() => setQuestion('delete')}
      >
        Delete
      </Button>
      {question === 'rename' && <RenameDialog userName={userName} onClose={close} />}
      {question === 'password' && <SetPasswordDialog userName={userName} onClose={close} />}
      {question === 'delete' && <DeleteAccountDialog account={account} onClose={close} />}
    </>
  )
}
