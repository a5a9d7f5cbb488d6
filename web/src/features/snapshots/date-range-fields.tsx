import { useId } from 'react'
import { TextField } from '../../ui/field.tsx'
import { type DayRange, dayPresets } from './day-range.ts'

type DateRangeFieldsProps = {
  range: DayRange
  onChange: (range: DayRange) => void
  startError: string | undefined
  endError: string | undefined
}

/** First and last day of what was received; both days belong to it and both are counted in UTC. */
export const DateRangeFields = ({ range, onChange, startError, endError }: DateRangeFieldsProps) => {
  const id = useId()
  const { firstDay, lastDay } = range
  return (
    <fieldset aria-labelledby={id} className="flex flex-col gap-2">
      <p id={id} className="text-13 font-medium">
        Messages received
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Start date"
          type="date"
          required
          min="1970-01-01"
          max="9998-12-31"
          value={firstDay}
          error={startError}
          onChange={({ target }) => onChange({ firstDay: target.value, lastDay })}
        />
        <TextField
          label="End date"
          type="date"
          required
          min="1970-01-01"
          max="9998-12-31"
          value={lastDay}
          error={endError}
          onChange={({ target }) => onChange({ firstDay, lastDay: target.value })}
        />
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {dayPresets.map(({ label, range: preset }) => (
          <button
            key={label}
            type="button"
            onClick={() => onChange(preset(Date.now()))}
            className="h-7 rounded-small border border-line px-2 text-13 text-accent hover:border-line-strong hover:bg-accent-wash"
          >
            {label}
          </button>
        ))}
      </div>
      <p className="text-12 text-soft">
        Both days are included. Days begin and end at midnight UTC, whatever your own time zone is.
      </p>
    </fieldset>
  )
}
