import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'

type NewTokenDialogProps = { name: string; token: string; onClose: () => void }

/** A token that nobody can see again. It is closed by its button only, so that a slip does not lose it. */
export const NewTokenDialog = ({ name, token, onClose }: NewTokenDialogProps) => (
  <Dialog title={`The token “${name}”`}>
    <p>
      It is shown <span className="font-medium">this once</span>. Whoever has it can use it, so keep it like a password.
    </p>
    <div className="flex flex-col items-start gap-1 rounded bg-sunken px-3 pt-2.5 pb-1">
      <code className="w-full font-mono text-13 break-all">{token}</code>
      <span className="-ml-2">
        <CopyButton label="Copy token" text={token} said="The token is on the clipboard." />
      </span>
    </div>
    <p className="text-13 text-soft">
      A program sends it in the header <code className="font-mono text-12">Authorization: Bearer …</code> and takes it
      from a file or a secret store, never from an address.
    </p>
    <Actions>
      <Button kind="primary" onClick={onClose}>
        I have kept it
      </Button>
    </Actions>
  </Dialog>
)
