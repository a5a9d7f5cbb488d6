import { Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { buttonLook } from '../../ui/button.tsx'
import { EmptyView } from '../../ui/views.tsx'

export const BackToDestinations = () => (
  <Link
    to="/destinations"
    data-chrome
    className="inline-flex min-h-6 items-center gap-1.5 self-start text-13 text-soft hover:text-accent"
  >
    <ArrowLeft size={14} aria-hidden="true" />
    Destinations
  </Link>
)

export const NoSuchDestination = () => (
  <EmptyView
    title="There is no destination with this id"
    actions={
      <Link to="/destinations" className={buttonLook('primary')}>
        Show the destinations
      </Link>
    }
  >
    <p>It may have been deleted, or the link is not complete.</p>
  </EmptyView>
)
