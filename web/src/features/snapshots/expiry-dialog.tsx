import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useSetSnapshotExpiry } from '../../api/mutations.ts'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { utcDayText } from '../../ui/format.ts'
import { showToast } from '../../ui/toast.tsx'
import { dayAhead, endOfDay } from './expiry.ts'

const proposedDays = 30

/** Keeps an archive longer, for ever, or less long. */
export const ExpiryDialog = ({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) => {
  const [nowMs] = useState(() => Date.now())
  const [choice, setChoice] = useState<'until' | 'ever'>('until')
  const [day, setDay] = useState(() => dayAhead(proposedDays, nowMs))
  const [error, setError] = useState<string | null>(null)
  const save = useSetSnapshotExpiry()
  const submit = (): void => {
    const expiresAt = choice === 'ever' ? null : endOfDay(day, nowMs)
    if (choice === 'until' && expiresAt === null) {
      setError('Enter a day that is not over yet.')
      return
    }
    setError(null)
    save.mutate(
      { snapshotId: snapshot.snapshotId, expiresAt },
      {
        onSuccess: () => {
          showToast(
            'good',
            expiresAt === null
              ? `The archive of ${snapshot.userName} is kept until somebody deletes it.`
              : `The archive of ${snapshot.userName} is kept to the end of ${utcDayText(`${day}T00:00:00Z`)}.`,
          )
          onClose()
        },
      },
    )
  }
  return (
    <FormDialog
      title={`How long to keep the archive of ${snapshot.userName}?`}
      verb="Keep it so"
      busyVerb="Saving…"
      keep="Leave it"
      busy={save.isPending}
      error={save.isError && errorText(save.error)}
      noValidate
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-soft">
        {snapshot.expiresAt === null
          ? 'It is kept until somebody deletes it.'
          : 'When it has expired, the archive here is deleted by itself.'}
      </p>
      <ChoiceGroup
        kind="radio"
        legend="Keep it"
        chosen={[choice]}
        onChange={([chosen]) => chosen && setChoice(chosen)}
        choices={[
          { value: 'until', label: 'To a day' },
          { value: 'ever', label: 'For ever', hint: 'Until deleted' },
        ]}
      />
      {choice === 'until' && (
        <TextField
          label="Last day"
          type="date"
          min={dayAhead(0, nowMs)}
          max="9998-12-31"
          value={day}
          error={error}
          hint="It is kept to the end of this day, in UTC."
          onChange={({ target }) => setDay(target.value)}
        />
      )}
    </FormDialog>
  )
}
