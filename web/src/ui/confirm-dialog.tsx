import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { FormError } from './field.tsx'

type ConfirmDialogProps = {
  title: string
  /** What happens, and what cannot be had back. */
  children: ReactNode
  verb: string
  busyVerb: string
  keep: string
  kind?: 'danger' | 'primary'
  busy: boolean
  error: string | null
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something is done that cannot be undone; a refusal stays beside the question. */
export const ConfirmDialog = ({
  title,
  children,
  verb,
  busyVerb,
  keep,
  kind = 'danger',
  busy,
  error,
  onConfirm,
  onClose,
}: ConfirmDialogProps) => (
  <Dialog title={title} onClose={onClose}>
    {children}
    <FormError>{error}</FormError>
    <Actions>
      <Button onClick={onClose}>{keep}</Button>
      <Button kind={kind} busy={busy} onClick={onConfirm}>
        {busy ? busyVerb : verb}
      </Button>
    </Actions>
  </Dialog>
)
