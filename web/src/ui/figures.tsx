import { bytesAmount, countText, durationText, instantText, logMomentText, momentText } from './format.ts'
import { Hint } from './hint.tsx'

/** A size with its unit in a lighter tone. */
export const Bytes = ({ bytes }: { bytes: number }) => {
  const { value, unit } = bytesAmount(bytes)
  return (
    <span className="whitespace-nowrap tabular-nums">
      {value}
      <span className="text-soft">{` ${unit}`}</span>
    </span>
  )
}

/** A number of things, with the thing in a lighter tone. */
export const Count = ({ count, one, many }: { count: number; one: string; many: string }) => (
  <span className="whitespace-nowrap tabular-nums">
    {countText(count)}
    <span className="text-soft">{` ${count === 1 ? one : many}`}</span>
  </span>
)

export const Duration = ({ ms }: { ms: number }) => (
  <span className="whitespace-nowrap tabular-nums">{durationText(ms)}</span>
)

/** A time as short as it can be understood; hover and focus give the full instant with its zone. */
export const Moment = ({ at }: { at: string }) => {
  const date = new Date(at)
  return (
    <Hint text={instantText(date)}>
      <time dateTime={at} className="whitespace-nowrap tabular-nums">
        {momentText(date, new Date())}
      </time>
    </Hint>
  )
}

/** A time in a log, to the second; hover and focus give the full instant with its zone. */
export const LogMoment = ({ at }: { at: string }) => {
  const date = new Date(at)
  return (
    <Hint text={instantText(date)}>
      <time dateTime={at} className="tabular-nums">
        {logMomentText(date, new Date())}
      </time>
    </Hint>
  )
}

/** The full instant, written out. */
export const Instant = ({ at }: { at: string }) => (
  <time dateTime={at} className="tabular-nums">
    {instantText(new Date(at))}
  </time>
)
