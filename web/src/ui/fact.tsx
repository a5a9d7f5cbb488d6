import type { ReactNode } from 'react'

/** Facts one under the other, each with its term on the left where there is room. */
export const FactList = ({ children }: { children: ReactNode }) => <dl className="border-t border-line">{children}</dl>

export const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <div className="grid items-center gap-x-4 border-b border-line py-1 sm:grid-cols-[11rem_minmax(0,1fr)]">
    <dt className="self-start py-1 text-13 leading-5 text-soft wrap-anywhere">{term}</dt>
    <dd className="flex min-h-7 min-w-0 flex-wrap items-center gap-x-3 gap-y-1">{children}</dd>
  </div>
)
