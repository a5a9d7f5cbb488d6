import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { fillTemplate, type PathTemplate, type TemplateField } from '@stillbox/shared/vocabulary/path-template.ts'
import { cutToBytes, safeName } from '../archive/safe-name.ts'

/** As long as a delivery takes it: the usual 255 less `.part`. */
const longestSegmentBytes = 250
const longestPartBytes = 255
/** Leaves room for the other fields, so that the snapshot id at the end of the usual template is never cut off. */
const longestUserNameBytes = 120
const longestOrganizationBytes = 50

export type RemoteName = {
  /** Below the folder of the destination, from the outside in. */
  readonly folders: readonly string[]
  readonly name: string
  /** Only where another snapshot may have the same name: what this one is called there until it is whole. */
  readonly partName?: string
}

/**
 * Where the archive of a snapshot is put below the folder of its destination. What a user or an organization is called fills a part of one
 * segment and never makes another; no segment is `.` or `..`, or longer than 250 bytes.
 */
export const remoteNameOf = (
  template: PathTemplate,
  snapshot: Pick<Snapshot, 'snapshotId' | 'userName' | 'createdAt' | 'type' | 'organization'>,
): RemoteName => {
  const values: Readonly<Record<TemplateField, string>> = {
    userName: filled(snapshot.userName, longestUserNameBytes),
    date: snapshot.createdAt.slice(0, 10),
    snapshotId: snapshot.snapshotId,
    type: snapshot.type.join('+'),
    organization: filled(snapshot.organization, longestOrganizationBytes),
  }
  // Split first: only a slash of the template itself separates folders.
  const segments = template.split('/').map((segment) => segmentOf(fillTemplate(segment, (field) => values[field])))
  const name = segments.at(-1)!
  const isOneOfItsKind = template.includes('{snapshotId}')
  return { folders: segments.slice(0, -1), name, ...(isOneOfItsKind ? {} : { partName: partOf(name, snapshot) }) }
}

/** Two uploads into one file would mix. */
const partOf = (name: string, { snapshotId }: Pick<Snapshot, 'snapshotId'>): string => {
  const ending = `.${snapshotId}.part`
  return cutToBytes(name, longestPartBytes - ending.length) + ending
}

const filled = (value: string, limitBytes: number): string => safeName(value, limitBytes) || '_'

const segmentOf = (text: string): string => {
  const trimmed = text.trim()
  if (trimmed === '') return '_'
  if (/^\.+$/.test(trimmed)) return '_'.repeat(Math.min(trimmed.length, longestSegmentBytes))
  // Cut before the ending, which tells what the file is.
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(trimmed)?.[0] ?? ''
  const stem = trimmed.slice(0, trimmed.length - ending.length)
  return cutToBytes(stem, longestSegmentBytes - ending.length) + ending
}
