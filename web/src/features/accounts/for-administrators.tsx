import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { session } from '../../api/queries.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { ErrorView } from '../../ui/views.tsx'

/** Shows its page to administrators only; others are told what right it needs and who can give it. */
export const ForAdministrators = ({ title, children }: { title: string; children: ReactNode }) => {
  const { data: signedIn } = useQuery(session())
  if (!signedIn) return null
  if (roleMay(signedIn.role, 'administer')) return children
  return (
    <>
      <PageHeader title={title} />
      <ErrorView
        title="Accounts are for administrators"
        text={`${new AppError('forbidden', { details: { access: 'administer' } }).message} An administrator can change your role.`}
      />
    </>
  )
}
