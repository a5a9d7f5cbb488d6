/** The mark: a box with a still surface. Decoration beside the name, so it has no name of its own. */
export const Mark = ({ size = 24 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" className="shrink-0 text-accent">
    <path
      d="M4 4.5V18a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V4.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    />
    <path d="M4 11h16" stroke="currentColor" strokeWidth="2" />
    <path d="M9.5 15.5h5" stroke="currentColor" strokeWidth="2" strokeLinecap="round" opacity="0.65" />
  </svg>
)
