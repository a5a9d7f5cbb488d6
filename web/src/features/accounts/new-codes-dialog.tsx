import { useCreateRecoveryCodes } from '../../api/account-mutations.ts'
import { errorText } from '../../api/error-text.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'

type NewCodesDialogProps = { onClose: () => void; onMade: (codes: readonly string[]) => void }

export const NewCodesDialog = ({ onClose, onMade }: NewCodesDialogProps) => {
  const create = useCreateRecoveryCodes()
  return (
    <ConfirmDialog
      title="Make new recovery codes?"
      kind="primary"
      verb="Make new codes"
      busyVerb="Making…"
      keep="Keep the old ones"
      busy={create.isPending}
      error={create.isError ? errorText(create.error) : null}
      onClose={onClose}
      onConfirm={() => create.mutate(undefined, { onSuccess: ({ recoveryCodes }) => onMade(recoveryCodes) })}
    >
      <p className="text-soft">You get ten new ones. Those you have now are worthless from then on.</p>
    </ConfirmDialog>
  )
}
