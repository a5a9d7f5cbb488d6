import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Pencil, PlugZap, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { destinationList } from '../../api/destinations.ts'
import { errorText } from '../../api/error-text.ts'
import { organizations, session } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { textLinkLook } from '../../ui/class-names.ts'
import { Fact, FactList } from '../../ui/fact.tsx'
import { Instant } from '../../ui/figures.tsx'
import { listText, sshServerText } from '../../ui/format.ts'
import { PageHeader, Section } from '../../ui/page-header.tsx'
import { ErrorView, SkeletonRows } from '../../ui/views.tsx'
import { BackToDestinations, NoSuchDestination } from './back-to-destinations.tsx'
import { DeleteDestinationDialog } from './delete-destination-dialog.tsx'
import { authWords, folderText, protocolWords } from './destination-words.ts'
import { ServiceKey } from './service-key.tsx'
import { examplePath } from './template-example.ts'
import { ChangedHostKey, isHostKeyChange, LastTest, refusalOfTest } from './test-outcome.tsx'
import { useDestinationTest } from './use-destination-test.ts'

export const DestinationPage = () => {
  const { destinationId } = useParams({ from: '/signed-in/destinations/$destinationId' })
  const list = useQuery(destinationList())
  const { data: signedIn } = useQuery(session())
  const destination = list.data?.find((one) => one.destinationId === destinationId.toLowerCase())
  const test = useDestinationTest(destination)
  const mayChange = signedIn ? roleMay(signedIn.role, 'administer') : false
  return (
    <div className="flex max-w-200 flex-col gap-8">
      <div className="flex flex-col gap-3">
        <BackToDestinations />
        {/* One heading for all views of the page: it keeps the focus it was given while the rest was loading. */}
        <PageHeader
          title={destination ? `Destination ${destination.name}` : 'Destination'}
          heading={destination?.name}
          actions={destination && mayChange && <Operations destination={destination} test={test} />}
        />
        {destination && <TestResult destination={destination} test={test} />}
      </div>
      {destination ? (
        <DestinationView destination={destination} />
      ) : list.isPending || list.isFetching ? (
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

type DestinationTest = ReturnType<typeof useDestinationTest>

const Operations = ({ destination, test }: { destination: Destination; test: DestinationTest }) => {
  const [isDeleting, setDeleting] = useState(false)
  const navigate = useNavigate()
  return (
    <>
      <Button icon={Trash2} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <Link
        to="/destinations/$destinationId/edit"
        params={{ destinationId: destination.destinationId }}
        className={buttonLook('plain')}
      >
        <Pencil size={16} strokeWidth={2} aria-hidden="true" />
        Edit
      </Link>
      <Button kind="primary" icon={PlugZap} busy={test.isPending} onClick={test.run}>
        {test.isPending ? 'Testing…' : 'Test'}
      </Button>
      {isDeleting && (
        <DeleteDestinationDialog
          destination={destination}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            void navigate({ to: '/destinations' })
          }}
        />
      )}
    </>
  )
}

/** What the test came to, or comes to; beside the button that asks for it. */
const TestResult = ({ destination, test }: { destination: Destination; test: DestinationTest }) => {
  const refusal = refusalOfTest(test.error)
  return (
    <div className="flex flex-col gap-3">
      {test.isPending ? (
        <p className="min-h-6 text-soft">Signs in there, writes a small file and removes it again…</p>
      ) : (
        <LastTest destination={destination} text={isHostKeyChange(test.error) ? 'none' : 'whole'} />
      )}
      {refusal !== null && (
        <p role="alert" className="text-failed">
          {refusal}
        </p>
      )}
      <ChangedHostKey error={test.error} />
    </div>
  )
}

const DestinationView = ({ destination }: { destination: Destination }) => {
  const { data: signedIn } = useQuery(session())
  const { data: all = [] } = useQuery(organizations())
  const mayChange = signedIn ? roleMay(signedIn.role, 'administer') : false
  const maySeeLog = signedIn ? roleMay(signedIn.role, 'audit') : false
  const { destinationId, protocol, path, fileName, authMethod } = destination
  const example = examplePath(path, fileName)
  return (
    <>
      <Section title="Where archives go">
        <FactList>
          <Fact term="Protocol">{protocolWords[protocol]}</Fact>
          <Fact term="Server">
            <span className="font-mono text-13 break-all">{sshServerText(destination)}</span>
          </Fact>
          <Fact term="Folder">
            {path === '' ? folderText(path) : <span className="font-mono text-13 break-all">{path}</span>}
          </Fact>
          <Fact term="Path of the file">
            <span className="font-mono text-13 break-all">{fileName}</span>
            {example !== null && (
              <span className="text-13 text-soft">
                for example <span className="font-mono text-12 wrap-anywhere">{example}</span>
              </span>
            )}
          </Fact>
          <Fact term="After delivery">
            The local archive is {destination.deletesLocal ? 'deleted' : 'kept'}, unless the snapshot says otherwise
          </Fact>
          <Fact term="For snapshots of">
            {destination.organizations === null
              ? 'all organizations'
              : listText(
                  destination.organizations.map(
                    (id) => all.find(({ organization }) => organization === id)?.name ?? id,
                  ),
                )}
          </Fact>
        </FactList>
      </Section>

      <Section title="Sign-in and host key">
        <FactList>
          <Fact term="Sign-in">
            {authWords[authMethod]}
            {authMethod !== 'service-key' && <span className="text-soft">saved encrypted, never shown</span>}
          </Fact>
          <Fact term="Accepted host keys">
            <ul className="flex flex-col gap-0.5">
              {destination.hostKeyFingerprints.map((fingerprint) => (
                <li key={fingerprint} className="font-mono text-12 break-all">
                  {fingerprint}
                </li>
              ))}
            </ul>
          </Fact>
        </FactList>
        {authMethod === 'service-key' && mayChange && <ServiceKey userName={destination.username} />}
      </Section>

      <footer className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-3 text-13 text-soft">
        <p>
          Created by {destination.createdBy} on <Instant at={destination.createdAt} />. Last changed on{' '}
          <Instant at={destination.changedAt} />.
        </p>
        {maySeeLog && (
          <Link to="/audit" search={{ target: destinationId }} className={textLinkLook}>
            What was done to it
          </Link>
        )}
      </footer>
    </>
  )
}
