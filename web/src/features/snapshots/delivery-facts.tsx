import { Link } from '@tanstack/react-router'
import { textLinkLook } from '../../ui/class-names.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Fact, FactList } from '../../ui/fact.tsx'
import { Instant } from '../../ui/figures.tsx'
import { sshServerText } from '../../ui/format.ts'
import { hasFailedDelivery, protocolText } from './delivery-words.ts'
import type { SnapshotDetails } from './snapshot-details.ts'

/** Where the archive goes, or lies: server, path, how it was compared, when, and what became of the one here. */
export const DeliveryFacts = ({ snapshot }: { snapshot: SnapshotDetails }) => {
  const { delivery, isStored, state } = snapshot
  if (delivery === null) return null
  const { protocol, destinationId, destinationName, path, deliveredPath, deliveredAt, sha256, deletesLocal } = delivery
  return (
    <FactList>
      <Fact term="Destination">
        {destinationId ? (
          <Link to="/destinations/$destinationId" params={{ destinationId }} className={textLinkLook}>
            {destinationName ?? delivery.host}
          </Link>
        ) : (
          <span className="text-soft">
            {destinationName === null ? 'named by the call' : `${destinationName}, deleted since`}
          </span>
        )}
        <span>{protocolText[protocol]}</span>
        <span className="font-mono text-13 break-all">{sshServerText(delivery)}</span>
      </Fact>
      {deliveredPath !== null ? (
        <Fact term="File there">
          <span className="font-mono text-13 break-all">{deliveredPath}</span>
          <CopyButton label="Copy path" said="The path is on the clipboard." text={deliveredPath} />
        </Fact>
      ) : (
        <Fact term="Folder">
          {path === '' ? 'where the sign-in lands' : <span className="font-mono text-13">{path}</span>}
        </Fact>
      )}
      {deliveredAt !== null && (
        <>
          <Fact term="Delivered">
            <Instant at={deliveredAt} />
          </Fact>
          <Fact term="Compared">
            {sha256 === null ? (
              <span>the size only: the server could not compute a checksum</span>
            ) : (
              <>
                <span>checksum, computed by the server itself</span>
                <span className="font-mono text-12 break-all">{sha256}</span>
                <CopyButton label="Copy SHA-256" said="The checksum is on the clipboard." text={sha256} />
              </>
            )}
          </Fact>
        </>
      )}
      <Fact term="Archive here">
        {isStored
          ? deliveredAt === null && deletesLocal
            ? hasFailedDelivery(snapshot)
              ? 'kept, as it could not be delivered'
              : 'deleted once it is delivered'
            : 'kept'
          : state === 'available' && deletesLocal
            ? 'deleted after the delivery'
            : state === 'available'
              ? 'expired and deleted'
              : state === 'failed' && snapshot.dumpedAt !== null
                ? 'gone: it has expired, or is missing'
                : deletesLocal
                  ? 'to be deleted once it is delivered'
                  : 'to be kept'}
      </Fact>
    </FactList>
  )
}
