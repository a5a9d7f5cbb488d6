import { type ExportFormat, exportFormats, splitGb } from '@stillbox/shared/vocabulary/export-format.ts'
import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useExportSnapshot } from '../../api/exports.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { showToast } from '../../ui/toast.tsx'
import { emptyDraft, foldersFor, paramsOf, sizeFault } from './export-draft.ts'
import type { SnapshotDetails } from './snapshot-details.ts'

const formats = Object.entries(exportFormats) as [ExportFormat, (typeof exportFormats)[ExportFormat]][]

/** Asks what of a snapshot is to be exported, and as what. */
export const ExportDialog = ({ snapshot, onClose }: { snapshot: SnapshotDetails; onClose: () => void }) => {
  const [draft, setDraft] = useState(emptyDraft)
  const [isTried, setTried] = useState(false)
  const start = useExportSnapshot()
  const facts = exportFormats[draft.format]
  const folders = foldersFor(draft.format, snapshot.folders)
  const fault = sizeFault(draft)
  const submit = (): void => {
    setTried(true)
    if (fault !== null || start.isPending) return
    start.mutate(paramsOf(snapshot.snapshotId, draft), {
      onSuccess: () => {
        showToast('good', `The export of ${snapshot.userName} begins. Its files will be listed under Exports.`)
        onClose()
      },
    })
  }
  return (
    <FormDialog
      title={`Export the snapshot of ${snapshot.userName}`}
      verb="Start the export"
      busyVerb="Asking…"
      keep="Not now"
      busy={start.isPending}
      error={start.isError && errorText(start.error)}
      noValidate
      onSubmit={submit}
      onClose={onClose}
    >
      <SelectField
        label="Format"
        value={draft.format}
        hint={facts.purpose}
        onChange={({ target }) => {
          const format = target.value as ExportFormat
          const isThere = foldersFor(format, snapshot.folders).includes(draft.folder)
          setDraft({ ...draft, format, folder: isThere ? draft.folder : '' })
        }}
      >
        {formats.map(([format, { title }]) => (
          <option key={format} value={format}>
            {title}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="Folder"
        value={draft.folder}
        hint="A folder is taken with all below it."
        onChange={({ target }) => setDraft({ ...draft, folder: target.value })}
      >
        <option value="">All that the format takes</option>
        {folders.map((folder) => (
          <option key={folder} value={folder}>
            {folder}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Words (optional)"
        value={draft.words}
        maxLength={1_000}
        hint={
          snapshot.fullTextState === 'ready'
            ? 'Only items in which all of them occur, in the header or in the text.'
            : 'Only items in which all of them occur in the header; texts are not indexed.'
        }
        onChange={({ target }) => setDraft({ ...draft, words: target.value })}
      />
      {facts.isSplit && (
        <TextField
          label="Largest file in GB"
          type="number"
          min={splitGb.least}
          max={splitGb.most}
          value={draft.maxGb}
          error={isTried ? fault : null}
          hint="What is more goes to further files, each complete in itself."
          onChange={({ target }) => setDraft({ ...draft, maxGb: target.value })}
        />
      )}
    </FormDialog>
  )
}
