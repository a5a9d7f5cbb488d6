import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { DestinationId, OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { DestinationStore, SavedDestination } from '../../ports/destination-store.ts'
import { nameKey } from './account-rows.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'
import { storableJson, storableText } from './storable.ts'

type Table = Schema['destinations']

const nullable = (value: object | null): string | null => (value === null ? null : storableJson(value))

/** How each field lies in its columns. */
const columnsOf: { readonly [F in keyof SavedDestination]: (value: SavedDestination[F]) => Updateable<Table> } = {
  destinationId: (destination_id) => ({ destination_id }),
  name: (name) => ({ name: storableText(name), name_key: nameKey(name) }),
  protocol: (protocol) => ({ protocol }),
  host: (host) => ({ host }),
  port: (port) => ({ port }),
  username: (username) => ({ username: storableText(username) }),
  path: (path) => ({ path: storableText(path) }),
  fileName: (fileName) => ({ file_name: storableText(fileName) }),
  hostKeyFingerprints: (fingerprints) => ({ host_key_fingerprints: storableJson(fingerprints) }),
  authMethod: (auth_method) => ({ auth_method }),
  sealedSecret: (sealed_secret) => ({ sealed_secret }),
  deletesLocal: (deletes_local) => ({ deletes_local }),
  organizations: (organizations) => ({ organizations: nullable(organizations) }),
  createdAt: (created_at) => ({ created_at }),
  createdBy: (createdBy) => ({ created_by: storableText(createdBy) }),
  changedAt: (changed_at) => ({ changed_at }),
  lastTest: (lastTest) => ({ last_test: nullable(lastTest) }),
}

const toColumns = (fields: Partial<SavedDestination>): Updateable<Table> => {
  const column = <F extends keyof SavedDestination>(field: F): Updateable<Table> => {
    const value = fields[field]
    return value === undefined ? {} : columnsOf[field](value as SavedDestination[F])
  }
  return Object.assign({}, ...(Object.keys(columnsOf) as (keyof SavedDestination)[]).map(column))
}

const toDestination = (row: Selectable<Table>): SavedDestination => ({
  destinationId: row.destination_id as DestinationId,
  name: row.name,
  protocol: row.protocol as Destination['protocol'],
  host: row.host,
  port: row.port,
  username: row.username,
  path: row.path,
  fileName: row.file_name,
  hostKeyFingerprints: row.host_key_fingerprints as string[],
  authMethod: row.auth_method as Destination['authMethod'],
  deletesLocal: row.deletes_local,
  organizations: row.organizations as OrganizationId[] | null,
  createdAt: row.created_at,
  createdBy: row.created_by,
  changedAt: row.changed_at,
  lastTest: row.last_test as Destination['lastTest'],
  sealedSecret: row.sealed_secret,
})

/** Class 23 of the SQLSTATE codes, 505: of two who take a name at the same moment the database lets one. */
const orTaken =
  (name: string | undefined) =>
  (cause: unknown): never => {
    if (name !== undefined && cause instanceof Error && 'code' in cause && cause.code === '23505')
      throw new AppError('destination_name_taken', { details: { name }, cause })
    throw cause
  }

export const createDatabaseDestinationStore = ({
  database: { db },
}: {
  readonly database: Database
}): DestinationStore => ({
  list: async () => {
    // Not by the locale of the database, which is another on each machine.
    const rows = await db.selectFrom('destinations').selectAll().orderBy(sql`name_key collate "C"`).execute()
    return rows.map(toDestination)
  },

  find: async (destinationId) => {
    const row = await db
      .selectFrom('destinations')
      .selectAll()
      .where('destination_id', '=', destinationId)
      .executeTakeFirst()
    return row ? toDestination(row) : null
  },

  add: async (destination) => {
    await db
      .insertInto('destinations')
      .values(toColumns(destination) as Insertable<Table>)
      .execute()
      .catch(orTaken(destination.name))
  },

  change: async (destinationId, changedAt, changes) => {
    const row = await db
      .updateTable('destinations')
      // Something has to be set; the id is what it was.
      .set({ destination_id: destinationId, ...toColumns(changes) })
      .where('destination_id', '=', destinationId)
      .where('changed_at', '=', changedAt)
      .returningAll()
      .executeTakeFirst()
      .catch(orTaken(changes.name))
    return row ? toDestination(row) : null
  },

  noteTest: async (destinationId, changedAt, lastTest) => {
    await db
      .updateTable('destinations')
      .set({ last_test: nullable(lastTest) })
      .where('destination_id', '=', destinationId)
      .where('changed_at', '=', changedAt)
      .execute()
  },

  remove: (destinationId) =>
    db.transaction().execute(async (transaction) => {
      // What went there, or was to, keeps its copy of what is shown; the id would lead nowhere.
      await transaction
        .updateTable('snapshots')
        .set({ destination_id: null })
        .where('destination_id', '=', destinationId)
        .execute()
      const { numDeletedRows } = await transaction
        .deleteFrom('destinations')
        .where('destination_id', '=', destinationId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    }),
})
