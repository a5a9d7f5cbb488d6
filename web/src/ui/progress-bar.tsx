type ProgressBarProps = {
  label: string
  /** From 0 to 1; null while the total is unknown, and then the bar only says that something moves. */
  share: number | null
}

/** How far something is, without inventing it. */
export const ProgressBar = ({ label, share }: ProgressBarProps) => (
  <div
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={100}
    {...(share === null
      ? { 'aria-valuetext': 'total not known yet' }
      : { 'aria-valuenow': Math.floor(share * 100), 'aria-valuetext': `${Math.floor(share * 100)} percent` })}
    data-bar
    className="h-1.5 w-full overflow-hidden rounded-full bg-working-wash shadow-[inset_0_0_0_1px_var(--line)]"
  >
    {share === null ? (
      <div className="h-full w-1/4 animate-drift rounded-full bg-working motion-reduce:w-full motion-reduce:opacity-40" />
    ) : (
      <div
        className="h-full w-full origin-left bg-working transition-transform duration-150 ease-out"
        style={{ transform: `scaleX(${share})` }}
      />
    )}
  </div>
)
