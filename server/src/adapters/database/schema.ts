import type { Generated, JSONColumnType } from 'kysely'

/**
 * The tables as kysely sees them. Instants come back as ISO 8601 strings in UTC with milliseconds, BIGINT as number, JSON as
 * values. JSON is written as text, since the drivers disagree on what a JavaScript array means to them.
 */
export type Schema = {
  snapshots: SnapshotTable
  exports: ExportTable
  snapshot_messages: {
    message_id: Generated<number>
    snapshot_id: string
    at: string
    text: string
  }
  jobs: JobTable
  status_tokens: { token_hash: string; job_id: string; created_at: string }
  accounts: {
    /** Folded to lower case; `user_name` keeps the spelling. */
    name_key: string
    user_name: string
    full_name: string
    email_addresses: Json
    role: string
    password_hash: string
    /** Null: all. */
    organizations: NullableJson
  }
  sessions: {
    token_hash: string
    name_key: string
    expires_at: string
    session_id: Generated<string>
    created_at: Generated<string>
    last_used_at: Generated<string>
    address: Generated<string>
    user_agent: Generated<string>
  }
  access_tokens: {
    token_id: string
    token_hash: string
    name_key: string
    name: string
    scope: string
    created_at: string
    expires_at: string
    last_used_at: string | null
  }
  password_changes: {
    change_id: Generated<number>
    name_key: string
    changed_at: string
    changed_by: string
    password_hash: string | null
  }
  last_sign_ins: { name_key: string; client: string; at: string; address: string }
  totp_devices: {
    name_key: string
    device_id: string
    sealed_secret: string
    added_at: string
    is_confirmed: Generated<boolean>
    /** The 30-second step of the code used last; none before it counts any more. */
    last_step: Generated<number>
  }
  passkeys: {
    credential_id: string
    device_id: string
    name_key: string
    name: string
    /** COSE key, base64url. */
    public_key: string
    counter: number
    transports: Json
    added_at: string
  }
  recovery_codes: { name_key: string; code_hash: string }
  audit_log: AuditTable
  /** One row: the last number and hash, sealed with the service's key; empty before the first entry. */
  audit_head: { head_id: number; sealed: string }
  passkey_challenges: { challenge_hash: string; name_key: string; purpose: string; expires_at: string }
  destinations: {
    destination_id: string
    /** Folded to lower case; `name` keeps the spelling. */
    name_key: string
    name: string
    protocol: string
    host: string
    port: number
    username: string
    path: string
    file_name: string
    host_key_fingerprints: Json
    auth_method: string
    sealed_secret: string | null
    deletes_local: boolean
    /** Null: all. */
    organizations: NullableJson
    created_at: string
    created_by: string
    changed_at: string
    last_test: NullableJson
  }
}

type Json = JSONColumnType<object, string, string>
type NullableJson = JSONColumnType<object | null, string | null, string | null>

export type AuditTable = {
  number: number
  at: string
  action: string
  outcome: string
  code: string | null
  actor: string | null
  client: string | null
  address: string | null
  request_id: string | null
  target: string | null
  organization: string | null
  /** Canonical JSON, as it was hashed. */
  details: string
  previous_hash: string
  hash: string
}

export type SnapshotTable = {
  snapshot_id: string
  organization: string
  user_name: string
  /** `user_name` in lower case, for the search by a part of it: the database's own folding depends on its locale. */
  user_name_key: string
  types: Json
  action: string
  range_start: string | null
  range_end: string | null
  state: string
  created_at: string
  created_by: string
  started_at: string | null
  dumped_at: string | null
  finished_at: string | null
  last_changed_at: string
  attempt: number
  next_attempt_at: string | null
  progress: Json
  item_count: number | null
  issue_count: number | null
  archive_name: string | null
  archive_size_bytes: number | null
  root_hash: string | null
  last_verified_at: string | null
  last_verified_ok: boolean | null
  full_text_state: string
  error: NullableJson
  sealed_password: string | null
  folders: Json
  issues: Json
  is_stored: boolean
  expires_at: string | null
  /** No reference: what it named may have been deleted, and `delivery` keeps a copy of what is shown of it. */
  destination_id: string | null
  /** Null for download. */
  delivery: NullableJson
  /** Where it goes, when the call itself named it. */
  delivery_target: NullableJson
}

export type ExportTable = {
  /** Of its job too. */
  export_id: string
  snapshot_id: string
  export_order: Json
  created_at: string
  created_by: string
  progress: Json
  files: Json
  report: NullableJson
  expires_at: string | null
}

export type JobTable = {
  job_id: string
  kind: string
  snapshot_id: string | null
  state: string
  progress_percentage: number | null
  messages: Json
  result: NullableJson
  group_key: string | null
  group_limit: number
  priority: number
  attempt: number
  /** The pg-boss entry that stands for the next or the running attempt; null once the job has ended. */
  entry_id: string | null
  /** A new value for each attempt that runs; null while none does. Whoever holds another value has lost the job. */
  claim: string | null
  /** Set when the job is to be cancelled: what its last message will say. */
  cancel_message: string | null
  created_at: string
  finished_at: string | null
}
