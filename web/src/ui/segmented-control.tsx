import { useId } from 'react'
import { classNames } from './class-names.ts'
import { countText } from './format.ts'

export type Segment<Value extends string> = {
  readonly value: Value
  readonly label: string
  readonly count?: number | undefined
}

type SegmentedControlProps<Value extends string> = {
  legend: string
  segments: readonly Segment<Value>[]
  value: Value
  onChange: (value: Value) => void
}

/** One of a few, all visible, each with its count. Radio buttons underneath: arrow keys move the choice. */
export const SegmentedControl = <Value extends string>({
  legend,
  segments,
  value: current,
  onChange,
}: SegmentedControlProps<Value>) => {
  const name = useId()
  return (
    <fieldset className="min-w-0 max-w-full">
      <legend className="sr-only">{legend}</legend>
      <div className="relative flex gap-px overflow-x-auto rounded border border-line bg-sunken p-0.5">
        {segments.map(({ value, label, count }) => (
          <label
            key={value}
            className={classNames(
              'flex h-7 shrink-0 items-center gap-1.5 rounded-small px-2 text-13',
              'has-[:focus-visible]:outline-2 has-[:focus-visible]:-outline-offset-1 has-[:focus-visible]:outline-accent',
              value === current
                ? 'bg-raised font-medium text-ink shadow-[0_0_0_1px_var(--line-strong)]'
                : 'text-soft hover:text-ink',
            )}
          >
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === current}
              onChange={() => onChange(value)}
              className="sr-only"
            />
            {label}
            {count !== undefined && (
              <span className={classNames('text-12 tabular-nums', value === current ? 'text-accent' : 'text-soft')}>
                {countText(count)}
              </span>
            )}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
