import { Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { showToast } from './toast.tsx'

type CopyButtonProps = { label: string; text: string; said: string }

/** Puts a text on the clipboard and says so. Without TLS a browser gives pages no clipboard; then it shows the text. */
export const CopyButton = ({ label, text, said }: CopyButtonProps) => {
  const [isShown, setShown] = useState(false)
  const copy = (): void => {
    if (!navigator.clipboard) {
      setShown(true)
      return
    }
    navigator.clipboard.writeText(text).then(
      () => showToast('good', said),
      () => setShown(true),
    )
  }
  return (
    <>
      <Button size="small" kind="quiet" icon={Copy} onClick={copy}>
        {label}
      </Button>
      {isShown && (
        <Dialog title={label} onClose={() => setShown(false)}>
          <p className="text-soft">The browser allows no copying here. The text is selected: press Ctrl+C or ⌘C.</p>
          <textarea
            readOnly
            autoFocus
            aria-label="Text to copy"
            rows={5}
            value={text}
            onFocus={({ target }) => target.select()}
            className="w-full resize-none rounded border border-line-strong bg-surface p-2 font-mono text-12 break-all"
          />
          <Actions>
            <Button onClick={() => setShown(false)}>Close</Button>
          </Actions>
        </Dialog>
      )}
    </>
  )
}
