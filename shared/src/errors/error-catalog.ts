/**
 * Every failure the product can name. `http` is the REST status, `rpc` the JSON-RPC code (JSON-RPC 2.0 §5.1 reserves
 * -32768 to -32000), `mayPass` whether the same attempt can succeed later without anybody changing anything.
 * `text` is for a person: what happened, then what to do. `{name}` is filled from the error's details.
 */
export type ErrorEntry = {
  readonly http: number
  readonly rpc: number
  readonly mayPass: boolean
  readonly text: string
}

const entry = (http: number, rpc: number, mayPass: boolean, text: string): ErrorEntry => ({ http, rpc, mayPass, text })

export const errorCatalog = {
  // the call
  invalid_request: entry(400, -32600, false, 'The request could not be read: {reason}'),
  invalid_params: entry(400, -32602, false, '{reason}'),
  method_unknown: entry(404, -32601, false, 'There is no method {method}. The methods are listed at /methods.'),
  not_signed_in: entry(401, 401, false, 'Sign in first: this needs a user name and a password.'),
  sign_in_refused: entry(401, 401, false, 'The user name or the password is wrong.'),
  sign_in_throttled: entry(429, 429, true, 'Too many failed sign-ins. Try again in {seconds} seconds.'),
  forbidden: entry(403, 403, false, 'Your account may not do this: it needs the right to {access}.'),
  second_factor_required: entry(
    401,
    401,
    false,
    'This account has a second factor ({methods}). Give its code too; a program uses an access token instead.',
  ),
  second_factor_refused: entry(401, 401, false, 'The code is wrong, has run out or was used already.'),
  second_factor_missing: entry(
    403,
    403,
    false,
    'Accounts with the role {role} need a second factor here. Sign in to the web interface and set one up first.',
  ),
  token_refused: entry(401, 401, false, 'The access token is unknown, has run out or was deleted.'),
  token_scope: entry(403, 403, false, 'An access token for {scope} may not do this: it needs {access}.'),
  script_access_off: entry(
    403,
    403,
    false,
    'Programs may not sign in by Basic or with an access token here. Set scriptAccess: true in the configuration file to allow it.',
  ),
  name_taken: entry(409, 409, false, 'There is an account “{userName}” already.'),
  last_administrator: entry(
    409,
    409,
    false,
    'This is the last administrator of all organizations. Make another account one first.',
  ),
  not_oneself: entry(409, 409, false, 'Nobody can delete the account he is signed in with.'),
  cross_site: entry(403, 403, false, 'The request came from another web site and was refused.'),
  certificate_required: entry(
    403,
    403,
    false,
    'This service is open to holders of its client certificates only, and the request came without one. How to get one is told at /certificate-help.',
  ),
  certificate_refused: entry(403, 403, false, 'The client certificate was refused: {reason}'),
  certificate_unmapped: entry(
    403,
    403,
    false,
    'The client certificate belongs to no account. Ask the administrator to map {fingerprint} ({subject}).',
  ),
  certificate_other_account: entry(
    403,
    403,
    false,
    'The client certificate is of another account than the user name, token or session that came with it.',
  ),
  not_found: entry(404, 404, false, 'There is no {what} with this id. It may have been deleted.'),
  status_token_unknown: entry(
    404,
    404,
    false,
    'There is no status for this token. A final status is delivered once; after that, ask GetSnapshots or GetSnapshotInfo.',
  ),
  address_unknown: entry(404, 404, false, 'There is nothing at this address. The methods are listed at /methods.'),
  verb_unknown: entry(405, 405, false, 'This address takes {verbs}, not {verb}. The methods are listed at /methods.'),
  conflict: entry(409, 409, false, 'This is not possible while the snapshot is {state}.'),
  too_large: entry(413, 413, false, 'The request is larger than the {limit} allowed.'),
  too_busy: entry(503, 503, true, 'The service is at its limit. Try again in a few seconds.'),
  shutting_down: entry(503, 503, true, 'The service is stopping. The job goes on when it is back.'),
  internal: entry(
    500,
    -32603,
    false,
    'Something went wrong in the service itself. Ask its administrator for request {requestId}.',
  ),

  // the account and its source
  user_unknown: entry(
    404,
    404,
    false,
    'No organization directory knows the user “{userName}”. Check the spelling; then create a new snapshot.',
  ),
  directory_unreachable: entry(502, 502, true, 'The account directory {host} did not answer: {reason}'),
  source_missing: entry(
    400,
    400,
    false,
    'The organization “{organization}” has no source for {type}. Leave that type out, or add the source to the configuration.',
  ),
  source_unreachable: entry(502, 502, true, 'The server {host} did not answer: {reason}'),
  source_busy: entry(503, 503, true, 'The server {host} refused for now: {reason}'),
  source_timeout: entry(504, 504, true, 'The server {host} stopped answering for {seconds} seconds.'),
  source_certificate: entry(
    502,
    502,
    false,
    'The certificate of {host} is not trusted: {reason}. Add its authority to the configuration of the source.',
  ),
  source_sign_in_refused: entry(
    502,
    502,
    false,
    'The server {host} refused the sign-in for {userName}: {reason}. Check the password, or the sign-in of the source in the configuration; then retry.',
  ),
  source_protocol: entry(
    502,
    502,
    true,
    'The server {host} gave an answer that does not follow the protocol: {reason}',
  ),
  source_changed: entry(
    409,
    409,
    true,
    'The folder “{folder}” was replaced or removed on the server while it was read, so what had been read of it does not count.',
  ),
  source_gone: entry(404, 404, false, 'The source does not exist any more: {reason}'),

  // the archive and its store
  disk_full: entry(
    507,
    507,
    false,
    'The disk of the archive store is full ({reason}). Free space there, then try again.',
  ),
  store_failed: entry(500, 500, true, 'The archive store could not be written or read: {reason}'),
  archive_missing: entry(
    410,
    410,
    false,
    'The archive is not in the store any more. Restore the file, or delete the snapshot.',
  ),
  archive_invalid: entry(422, 422, false, 'The archive is damaged: {reason}'),
  export_no_room: entry(
    507,
    507,
    false,
    'The export needs about {needed}, and {free} are free. Free space there, or export one folder at a time.',
  ),
  export_too_large: entry(
    422,
    422,
    false,
    'This item cannot be written as {format}: {reason}. Export it as EML, which has no such limit.',
  ),
  out_of_memory: entry(
    500,
    500,
    true,
    'The work used more memory than it is allowed to ({limit}). If it fails each time, allow more with limits.captureMemoryMb in the configuration file.',
  ),
  worker_died: entry(
    500,
    500,
    true,
    'The process that did the work ended unexpectedly ({reason}). If it fails each time, ask the administrator to look into the log.',
  ),
  cancelled: entry(409, 409, false, 'Cancelled by {by}.'),
  timed_out: entry(
    504,
    504,
    false,
    'The job took longer than the {hours} hours it is allowed. A capture may take longer with limits.captureMaxHours in the configuration file, or ask for a shorter range of dates.',
  ),

  // the delivery
  destination_forbidden: entry(
    400,
    400,
    false,
    'The destination {host} is {address}: this machine itself or its local network, where nothing is uploaded. If it is meant, add it to allowedAddresses in the configuration file.',
  ),
  destination_name_taken: entry(409, 409, false, 'There is a destination “{name}” already.'),
  destination_changed: entry(
    409,
    409,
    false,
    'Somebody else has changed the destination “{name}” meanwhile. Look at it again, then repeat your change.',
  ),
  destination_gone: entry(
    409,
    409,
    false,
    'The destination of this snapshot was deleted. Create the snapshot again with another one; its archive can still be downloaded.',
  ),
  destination_secret_lost: entry(
    409,
    409,
    false,
    'What was saved to sign in at the destination “{name}” cannot be opened: it was saved with other keys of this service. Give it again, or put the keys back.',
  ),
  destination_not_allowed: entry(
    409,
    409,
    false,
    'The destination “{name}” is not for snapshots of the organization “{organization}”. An administrator can open it to that organization.',
  ),
  destination_secret_missing: entry(
    400,
    400,
    false,
    'The sign-in by {authMethod} needs {field}. With another host, port, user name or method it has to be given again.',
  ),
  archive_elsewhere: entry(
    410,
    410,
    false,
    'The archive does not lie here any more: it was delivered, or has expired. Where it was delivered to is told with the snapshot.',
  ),
  destination_unreachable: entry(502, 502, true, 'The destination {host} did not answer: {reason}'),
  destination_timeout: entry(504, 504, true, 'The destination {host} stopped answering for {seconds} seconds.'),
  destination_sign_in_refused: entry(
    502,
    502,
    false,
    'The destination {host} refused the sign-in of {userName}: {reason}',
  ),
  destination_host_key_unknown: entry(
    502,
    502,
    false,
    'No host key is saved for {host}. It shows {actual}. Compare that with what its administrator says, then save it with the destination.',
  ),
  destination_host_key_changed: entry(
    502,
    502,
    false,
    'The host key of {host} is not the saved one: it shows {actual}, saved is {expected}. Somebody may be in between. Ask its administrator before you save the new one.',
  ),
  destination_full: entry(
    507,
    507,
    false,
    'The disk of the destination {host} is full, or its quota used up. Free space there, then retry.',
  ),
  destination_no_permission: entry(
    502,
    502,
    false,
    'The destination {host} does not let {userName} write in the folder “{path}”.',
  ),
  destination_folder_missing: entry(
    502,
    502,
    false,
    'The destination {host} has no folder “{path}”. Create it there, or correct the path of the destination.',
  ),
  destination_exists: entry(
    409,
    409,
    false,
    'The destination {host} already has a file “{name}”. Remove it there, or allow replacing.',
  ),
  destination_damaged: entry(
    502,
    502,
    true,
    'What arrived at the destination {host} is not what was sent. It was removed there; the delivery starts again.',
  ),
  destination_protocol: entry(502, 502, false, 'The destination {host} cannot be used as it is set up: {reason}'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalog
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalog, code)
