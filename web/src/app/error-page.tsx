import { type ErrorComponentProps, Link, useLocation, useRouter } from '@tanstack/react-router'
import { errorText } from '../api/error-text.ts'
import { buttonLook } from '../ui/button.tsx'
import { EmptyView, ErrorView } from '../ui/views.tsx'

export const ErrorPage = ({ error }: ErrorComponentProps) => {
  const router = useRouter()
  return (
    <main className="px-4 py-10">
      <title>This page could not be shown · Stillbox</title>
      <h1 tabIndex={-1} className="sr-only">
        This page could not be shown
      </h1>
      <ErrorView
        title="This page could not be shown"
        text={errorText(error)}
        onRetry={() => {
          void router.invalidate()
        }}
      />
    </main>
  )
}

export const NotFoundPage = () => {
  const path = useLocation({ select: ({ pathname }) => pathname })
  return (
    <div className="py-10">
      <title>No such page · Stillbox</title>
      <h1 tabIndex={-1} className="sr-only">
        No such page
      </h1>
      <EmptyView
        title="There is no page at this address"
        actions={
          <Link to="/snapshots" className={buttonLook('primary')}>
            Show the snapshots
          </Link>
        }
      >
        <p className="line-clamp-4 font-mono text-13 wrap-anywhere text-ink" title={path}>
          {path}
        </p>
        <p>Check how it is written. If a link brought you here, tell whoever gave it to you.</p>
      </EmptyView>
    </div>
  )
}
