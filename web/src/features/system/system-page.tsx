import { deliveryActions } from '@stillbox/shared/vocabulary/delivery-action.ts'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '../../api/error-text.ts'
import { organizations, serverInfo } from '../../api/queries.ts'
import { textLinkLook } from '../../ui/class-names.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Fact, FactList } from '../../ui/fact.tsx'
import { Bytes, Count, Instant } from '../../ui/figures.tsx'
import { countText, listText } from '../../ui/format.ts'
import { PageHeader, Section } from '../../ui/page-header.tsx'
import { ErrorView, SkeletonRows } from '../../ui/views.tsx'

const actionWords = { download: 'Download', sftp: 'SFTP', scp: 'SCP' } as const
const expiryText = (days: number | null): string =>
  days === null ? 'never' : days === 1 ? 'after 1 day' : `after ${countText(days)} days`

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
          <FactList>
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
            <Fact term="Archives expire">
              {deliveryActions.map((action) => (
                <span key={action}>
                  {actionWords[action]}{' '}
                  <span className="text-soft">{expiryText(server.data.retentionDays[action])}</span>
                </span>
              ))}
            </Fact>
            <Fact term="Signing key">
              <span className="font-mono text-13 break-all">{server.data.signingKey}</span>
              <CopyButton label="Copy key" said="The signing key is on the clipboard." text={server.data.signingKey} />
            </Fact>
            <Fact term="Methods for scripts">
              {/* Pages of the server, not of this interface: plain links. */}
              <a href="/methods" className={textLinkLook}>
                Every method with an example
              </a>
              <a href="/openapi.json" className={textLinkLook}>
                OpenAPI description
              </a>
            </Fact>
          </FactList>
        </Section>
      )}
      {all.data && (
        <Section title="Organizations">
          <FactList>
            {all.data.map(({ organization, name, types, userNameHint, isSample }) => (
              <Fact key={organization} term={name}>
                <span>{listText(types)}</span>
                {userNameHint && <span className="text-soft">user name such as {userNameHint}</span>}
                {isSample && <span className="text-soft">made for trying it out</span>}
              </Fact>
            ))}
          </FactList>
        </Section>
      )}
    </div>
  )
}
