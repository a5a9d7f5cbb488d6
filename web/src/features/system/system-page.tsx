import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { errorText } from '../../api/error-text.ts'
import { organizations, serverInfo } from '../../api/queries.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Bytes, Count, Instant } from '../../ui/figures.tsx'
import { listText } from '../../ui/format.ts'
import { PageHeader, Section } from '../../ui/page-header.tsx'
import { ErrorView, SkeletonRows } from '../../ui/views.tsx'

const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <div className="grid gap-x-4 border-b border-line py-2 sm:grid-cols-[11rem_minmax(0,1fr)]">
    <dt className="text-13 text-soft">{term}</dt>
    <dd className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">{children}</dd>
  </div>
)

/** The service itself: version, store, the key that signs, and whose data it can reach. */
export const SystemPage = () => {
  const server = useQuery(serverInfo())
  const all = useQuery(organizations())
  return (
    <div className="flex max-w-200 flex-col gap-8">
      <PageHeader title="System" />
      {server.isPending ? (
        <SkeletonRows rows={6} label="The system’s facts are loading" />
      ) : server.isError ? (
        <ErrorView
          title="The system’s facts could not be read"
          text={errorText(server.error)}
          onRetry={() => {
            void server.refetch()
          }}
        />
      ) : (
        <Section title="Service">
          <dl className="border-t border-line">
            <Fact term="Version">
              {server.data.product} {server.data.version}, archive format {server.data.archiveFormatVersion}
            </Fact>
            <Fact term="Running since">
              <Instant at={server.data.startedAt} />
            </Fact>
            <Fact term="Database">{server.data.database === 'embedded' ? 'embedded' : 'PostgreSQL'}</Fact>
            <Fact term="Archive store">
              <Count count={server.data.store.archiveCount} one="archive" many="archives" />
              <Bytes bytes={server.data.store.archiveBytes} />
              {server.data.store.freeBytes !== null && (
                <span>
                  <Bytes bytes={server.data.store.freeBytes} /> <span className="text-soft">free</span>
                </span>
              )}
            </Fact>
            <Fact term="Signing key">
              <span className="font-mono text-13 break-all">{server.data.signingKey}</span>
              <CopyButton label="Copy key" said="The signing key is on the clipboard." text={server.data.signingKey} />
            </Fact>
          </dl>
        </Section>
      )}
      {all.data && (
        <Section title="Organizations">
          <dl className="border-t border-line">
            {all.data.map(({ organization, name, types, userNameHint, isSample }) => (
              <Fact key={organization} term={name}>
                <span>{listText(types)}</span>
                {userNameHint && <span className="text-soft">user name such as {userNameHint}</span>}
                {isSample && <span className="text-soft">made for trying it out</span>}
              </Fact>
            ))}
          </dl>
        </Section>
      )}
    </div>
  )
}
