import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { FormError } from './field.tsx'
import { useFaultFocus } from './use-fault-focus.ts'

type FormDialogProps = {
  title: string
  /** The fields, and what is said about them. */
  children: ReactNode
  verb: string
  busyVerb: string
  keep: string
  busy: boolean
  /** What is wrong with the form as a whole; what is wrong with a field stands beside it. */
  error: ReactNode
  /** What was refused: with each other one, the first field that shows an error takes the focus. */
  fault?: unknown
  /** For a form that checks its fields itself, instead of the browser. */
  noValidate?: boolean
  onSubmit: () => void
  onClose: () => void
}

/** Asks for something to be filled in; a refusal stays beside what was entered. */
export const FormDialog = ({
  title,
  children,
  verb,
  busyVerb,
  keep,
  busy,
  error,
  fault,
  noValidate = false,
  onSubmit,
  onClose,
}: FormDialogProps) => {
  const form = useFaultFocus(fault)
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={form}
        noValidate={noValidate}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) onSubmit()
        }}
      >
        {children}
        <FormError>{error}</FormError>
        <Actions>
          <Button onClick={onClose}>{keep}</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {busy ? busyVerb : verb}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
