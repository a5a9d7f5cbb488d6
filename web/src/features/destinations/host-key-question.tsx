import type { Answer } from '@stillbox/shared/contract/registry.ts'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Actions } from '../../ui/dialog.tsx'

type HostKeyQuestionProps = {
  host: string
  port: number
  hostKeys: Answer<'ReadHostKeys'>['hostKeys']
  /** What is accepted already. */
  accepted: readonly string[]
  onAccept: (fingerprints: readonly string[]) => void
  onClose: () => void
}

/**
 * What a server shows at first use. Nothing of it is taken over until somebody says of a key that the server’s administrator
 * told him the same.
 */
export const HostKeyQuestion = ({ host, port, hostKeys, accepted, onAccept, onClose }: HostKeyQuestionProps) => {
  const [told, setTold] = useState<readonly string[]>([])
  const isKnown = (key: (typeof hostKeys)[number]): boolean =>
    accepted.includes(key.sha256) || accepted.includes(key.md5)
  const isOther = accepted.length > 0 && !hostKeys.some(isKnown)
  return (
    <section
      aria-label="Host keys the server shows"
      className="flex flex-col gap-3 rounded border border-line-strong bg-raised px-4 py-3"
    >
      <p className="text-13">
        <span className="font-medium">
          {host}, port {port}, shows {hostKeys.length === 1 ? 'this host key' : `these ${hostKeys.length} host keys`}.
        </span>{' '}
        One is enough.
      </p>
      {isOther && (
        <p className="rounded bg-failed-wash px-3 py-2 text-13 text-failed">
          None of them is a key you accepted before: the server got new ones, or somebody answers in its place.
        </p>
      )}
      <ul className="flex flex-col gap-3">
        {hostKeys.map((key) => (
          <li key={key.sha256} className="flex flex-col gap-1.5 border-t border-line pt-2.5">
            <p className="text-13 font-medium">{key.algorithm}</p>
            <dl className="grid grid-cols-[4rem_minmax(0,1fr)] gap-x-2 gap-y-0.5 text-12">
              <dt className="text-soft">SHA256</dt>
              <dd className="font-mono break-all">{key.sha256}</dd>
              <dt className="text-soft">MD5</dt>
              <dd className="font-mono break-all">{key.md5}</dd>
            </dl>
            {isKnown(key) ? (
              <p className="text-12 text-soft">Accepted already.</p>
            ) : (
              <label className="flex items-start gap-2 py-1 text-13">
                <input
                  type="checkbox"
                  checked={told.includes(key.sha256)}
                  onChange={({ target }) =>
                    setTold(target.checked ? [...told, key.sha256] : told.filter((one) => one !== key.sha256))
                  }
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                />
                <span>
                  This is the <span className="font-mono text-12">{key.algorithm}</span> key the server’s administrator
                  told me
                </span>
              </label>
            )}
          </li>
        ))}
      </ul>
      <p className="flex items-start gap-2 rounded bg-warning-wash px-3 py-2 text-13 text-warning">
        <TriangleAlert size={16} className="mt-px shrink-0" aria-hidden="true" />
        <span>
          Compare it over another way than this connection: by telephone, or on the server itself with{' '}
          <code className="font-mono text-12">ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>. Whoever sits in
          between could show a key of his own here, and would get every archive.
        </span>
      </p>
      <Actions>
        <Button onClick={onClose}>Accept none</Button>
        <Button
          kind="primary"
          disabledReason={told.length === 0 ? 'Tick the key that you have compared.' : null}
          onClick={() => onAccept(told)}
        >
          {told.length > 1 ? 'Accept these keys' : 'Accept this key'}
        </Button>
      </Actions>
    </section>
  )
}
