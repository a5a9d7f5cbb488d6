import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { CircleStop, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useCancelExport, useDeleteExport } from '../../api/exports.ts'
import { session } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { textLinkLook } from '../../ui/class-names.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Bytes, Instant, Moment } from '../../ui/figures.tsx'
import { countText } from '../../ui/format.ts'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { showToast } from '../../ui/toast.tsx'
import { countsText, fileAddress, orderText } from './export-words.ts'

/** One export: what was asked for, how far it is, its files, and what became of the items. */
export const ExportEntry = ({ entry }: { entry: SnapshotExport }) => {
  const { state, progress, progressPercentage } = entry
  const isUnderWay = state === 'waiting' || state === 'running'
  return (
    <li className="flex flex-col gap-2 border-t border-line pt-3 first:border-t-0 first:pt-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-14 font-medium break-words">{orderText(entry)}</h3>
        <span className="text-13 text-soft">
          asked for by {entry.createdBy}, <Moment at={entry.createdAt} />
        </span>
        <span className="ml-auto">
          <Operations entry={entry} isUnderWay={isUnderWay} />
        </span>
      </div>
      {isUnderWay && (
        <div className="flex flex-col gap-1">
          <ProgressBar
            label={`Export as ${orderText(entry)}`}
            share={progressPercentage === null ? null : progressPercentage / 100}
          />
          <p className="text-13 text-soft">
            {state === 'waiting'
              ? 'It waits for its turn. You can leave this page.'
              : `${countText(progress.itemsDone)} of ${progress.itemsExpected === null ? 'all' : countText(progress.itemsExpected)} items. You can leave this page.`}
          </p>
        </div>
      )}
      {state === 'failed' && <p className="text-failed">{entry.error ?? 'It failed.'}</p>}
      {state === 'done' && <Outcome entry={entry} />}
    </li>
  )
}

const Outcome = ({ entry: { exportId, files, report, expiresAt } }: { entry: SnapshotExport }) => (
  <>
    {report && <p>{countsText(report)}.</p>}
    {report && !(report.archive.isSignatureRight && report.archive.isListRight) && (
      <p className="text-failed">The archive is not the one that was signed. Verify it.</p>
    )}
    {report && report.reasons.length > 0 && (
      <ul className="flex flex-col gap-0.5 text-13 text-soft">
        {report.reasons.map(({ outcome, code, count }) => (
          <li key={`${outcome} ${code}`}>
            {outcome}: <span className="font-mono text-12">{code}</span>, {countText(count)}
          </li>
        ))}
      </ul>
    )}
    <ul className="flex flex-col gap-1">
      {files.map(({ name, sizeBytes }) => (
        <li key={name} className="flex flex-wrap gap-x-3">
          <a href={fileAddress(exportId, name)} download className={`${textLinkLook} break-all`}>
            {name}
          </a>
          <Bytes bytes={sizeBytes} />
        </li>
      ))}
    </ul>
    {expiresAt && (
      <p className="text-13 text-soft">
        The files are deleted on <Instant at={expiresAt} />.
      </p>
    )}
  </>
)

const Operations = ({ entry, isUnderWay }: { entry: SnapshotExport; isUnderWay: boolean }) => {
  const { data: signedIn } = useQuery(session())
  const [isAsking, setAsking] = useState(false)
  const cancel = useCancelExport()
  const remove = useDeleteExport()
  // As the service decides it: who asked for it, and who may operate.
  const mayChange = signedIn ? signedIn.userName === entry.createdBy || roleMay(signedIn.role, 'operate') : false
  if (!mayChange) return null
  if (isUnderWay)
    return (
      <Button
        size="small"
        icon={CircleStop}
        busy={cancel.isPending}
        onClick={() => cancel.mutate(entry, { onError: (error) => showToast('bad', errorText(error)) })}
      >
        Cancel the export
      </Button>
    )
  return (
    <>
      <Button size="small" icon={Trash2} onClick={() => setAsking(true)}>
        Delete the export
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Delete this export?"
          verb="Delete"
          busyVerb="Deleting…"
          keep="Keep it"
          busy={remove.isPending}
          error={remove.isError ? errorText(remove.error) : null}
          onConfirm={() =>
            remove.mutate(entry, {
              onSuccess: () => {
                showToast('good', 'The export was deleted.')
                setAsking(false)
              },
            })
          }
          onClose={() => setAsking(false)}
        >
          <p className="text-soft">Its files go. The snapshot stays, and can be exported again.</p>
        </ConfirmDialog>
      )}
    </>
  )
}
