import { useDeleteAccessToken } from '../../api/account-mutations.ts'
import { type Owner, whose } from '../../api/account-queries.ts'
import { errorText } from '../../api/error-text.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Instant } from '../../ui/figures.tsx'
import { showToast } from '../../ui/toast.tsx'
import { focusHeading } from './focus-heading.ts'

type DeleteTokenDialogProps = {
  owner: Owner
  token: { readonly tokenId: string; readonly name: string; readonly lastUsedAt: string | null }
  onClose: () => void
}

export const DeleteTokenDialog = ({ owner, token, onClose }: DeleteTokenDialogProps) => {
  const remove = useDeleteAccessToken()
  const { tokenId, name, lastUsedAt } = token
  return (
    <ConfirmDialog
      title={`Delete the token “${name}”?`}
      verb="Delete"
      busyVerb="Deleting…"
      keep="Keep it"
      busy={remove.isPending}
      error={remove.isError ? errorText(remove.error) : null}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(
          { ...whose(owner), tokenId },
          {
            onSuccess: () => {
              showToast('good', `The token “${name}” was deleted.`)
              onClose()
              focusHeading()
            },
          },
        )
      }
    >
      <p className="text-soft">
        Programs that use it are refused at once.{' '}
        {lastUsedAt ? (
          <>
            It was last used: <Instant at={lastUsedAt} />.
          </>
        ) : (
          'It was never used.'
        )}
      </p>
    </ConfirmDialog>
  )
}
