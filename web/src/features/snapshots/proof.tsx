import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Fact, FactList } from '../../ui/fact.tsx'
import { Bytes, Count } from '../../ui/figures.tsx'
import { Integrity } from './integrity.tsx'
import type { SnapshotDetails } from './snapshot-details.ts'

const fullText = { none: 'not built', building: 'being built', ready: 'ready', failed: 'could not be built' } as const

/** What the archive can be held against: its root hash, its last verification, its name and size. */
export const Proof = ({ snapshot }: { snapshot: SnapshotDetails }) => {
  const { snapshotId, rootHash, archiveName, archiveSizeBytes, itemCount } = snapshot
  return (
    <FactList>
      <Fact term="Root hash">
        {rootHash ? (
          <>
            <span className="font-mono text-13 break-all">{rootHash}</span>
            <CopyButton label="Copy root hash" said="The root hash is on the clipboard." text={rootHash} />
          </>
        ) : (
          <span className="text-soft">
            {isBusy(snapshot) ? 'known when the archive is complete' : 'none: there is no archive'}
          </span>
        )}
      </Fact>
      <Fact term="Integrity">
        <Integrity snapshot={snapshot} />
      </Fact>
      {archiveName && (
        <Fact term="Archive">
          <span className="break-all">{archiveName}</span>
          {archiveSizeBytes !== null && <Bytes bytes={archiveSizeBytes} />}
          {itemCount !== null && <Count count={itemCount} one="item" many="items" />}
        </Fact>
      )}
      <Fact term="Search in bodies">
        <span>{fullText[snapshot.fullTextState]}</span>
      </Fact>
      <Fact term="Attempt">{snapshot.attempt}</Fact>
      <Fact term="Snapshot id">
        <span className="font-mono text-13 break-all">{snapshotId}</span>
        <CopyButton label="Copy id" said="The id is on the clipboard." text={snapshotId} />
      </Fact>
    </FactList>
  )
}
