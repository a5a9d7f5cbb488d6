import type { ReactNode } from 'react'

type PageHeaderProps = {
  /** The document’s title, before the product’s name. */
  title: string
  heading?: ReactNode
  aside?: ReactNode
  actions?: ReactNode
}

/** The head of a page: its one heading, which takes the focus after a navigation, and its actions. */
export const PageHeader = ({ title, heading, aside, actions }: PageHeaderProps) => (
  <header className="flex flex-wrap items-center gap-x-4 gap-y-3">
    <title>{`${title} · Stillbox`}</title>
    <h1 tabIndex={-1} className="min-w-0 text-20 font-semibold tracking-[-0.01em] break-words">
      {heading ?? title}
    </h1>
    {aside}
    {actions && (
      <div data-chrome className="ml-auto flex flex-wrap items-center gap-2">
        {actions}
      </div>
    )}
  </header>
)

/** A part of a page under its own heading. */
export const Section = ({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) => (
  <section className="flex flex-col gap-3">
    <div className="flex flex-wrap items-baseline gap-x-3">
      <h2 className="text-16 font-semibold">{title}</h2>
      {aside && <div className="text-13 text-soft">{aside}</div>}
    </div>
    {children}
  </section>
)
