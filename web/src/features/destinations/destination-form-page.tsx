import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { destinationList } from '../../api/destinations.ts'
import { errorText } from '../../api/error-text.ts'
import { session } from '../../api/queries.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { ErrorView, SkeletonRows } from '../../ui/views.tsx'
import { BackToDestinations, NoSuchDestination } from './back-to-destinations.tsx'
import { DestinationForm } from './destination-form.tsx'

const MayOnlyRead = () => (
  <ErrorView
    title="Only administrators change destinations"
    text={`${new AppError('forbidden', { details: { access: 'administer' } }).message} Ask an administrator of this service.`}
  />
)

/** A new destination. */
export const CreateDestinationPage = () => {
  const { data: signedIn } = useQuery(session())
  return (
    <div className="flex max-w-160 flex-col gap-6">
      <div className="flex flex-col gap-3">
        <BackToDestinations />
        <PageHeader title="New destination" />
      </div>
      {signedIn && !roleMay(signedIn.role, 'administer') ? <MayOnlyRead /> : <DestinationForm destination={null} />}
    </div>
  )
}

/** What is changed of a saved one. */
export const EditDestinationPage = () => {
  const { destinationId } = useParams({ from: '/signed-in/destinations/$destinationId/edit' })
  const { data: signedIn } = useQuery(session())
  const list = useQuery(destinationList())
  const found = list.data?.find((one) => one.destinationId === destinationId.toLowerCase())
  // Once the form is open it stays, with what was typed, even if somebody else deletes the destination meanwhile.
  const [opened, setOpened] = useState(found)
  const destination = opened?.destinationId === destinationId.toLowerCase() ? opened : found
  if (found && destination !== opened) setOpened(found)
  return (
    <div className="flex max-w-160 flex-col gap-6">
      <div className="flex flex-col gap-3">
        <BackToDestinations />
        <PageHeader title={destination ? `Change ${destination.name}` : 'Change a destination'} />
      </div>
      {signedIn && !roleMay(signedIn.role, 'administer') ? (
        <MayOnlyRead />
      ) : destination ? (
        <DestinationForm key={destination.destinationId} destination={destination} />
      ) : list.isPending ? (
        <SkeletonRows rows={6} label="The destination is loading" />
      ) : list.isError ? (
        <ErrorView
          title="The destination could not be read"
          text={errorText(list.error)}
          onRetry={() => {
            void list.refetch()
          }}
        />
      ) : (
        <NoSuchDestination />
      )}
    </div>
  )
}
