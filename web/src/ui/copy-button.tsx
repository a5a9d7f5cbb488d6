import { Copy } from 'lucide-react'
import { Button } from './button.tsx'
import { showToast } from './toast.tsx'

/** Puts a text on the clipboard and says so. */
export const CopyButton = ({ label, text, said }: { label: string; text: string; said: string }) => (
  <Button
    size="small"
    kind="quiet"
    icon={Copy}
    onClick={() => {
      // Without TLS a browser has no clipboard for pages of other hosts.
      const copied = navigator.clipboard
        ? navigator.clipboard.writeText(text)
        : Promise.reject(new Error('no clipboard'))
      copied.then(
        () => showToast('good', said),
        () => showToast('bad', 'The browser did not allow copying. Select the text and copy it by hand.'),
      )
    }}
  >
    {label}
  </Button>
)
