/** A file of the work folder while it is written. @throws AppError `disk_full`, `store_failed` from every call. */
export type DraftFile = {
  readonly path: string
  /** Appends; the bytes belong to the caller again once the promise is settled. */
  append(bytes: Uint8Array): Promise<void>
  /** These bytes of what was appended so far; fewer only where that ends. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
  readonly sizeBytes: number
  /** Writes through to the disk and closes. */
  finish(): Promise<void>
  /** Closes without care for what is in it. Never rejects; a second call does nothing. */
  close(): Promise<void>
}

/** A file that is written at any place. @throws AppError `disk_full`, `store_failed` from every call. */
export type PlacedFile = {
  readonly path: string
  /** Writes all of `bytes` at this place, beyond the end too; they belong to the caller again once the promise is settled. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
  /** Writes through to the disk and closes. */
  finish(): Promise<void>
  /** Closes without care for what is in it. Never rejects; a second call does nothing. */
  close(): Promise<void>
}

/** The files a capture or an export may use: all inside the work folder of its job. */
export type WorkFiles = {
  readonly folder: string
  create(name: string): Promise<DraftFile>
  createPlaced(name: string): Promise<PlacedFile>
  open(path: string): Promise<{
    readonly sizeBytes: number
    read(offset: number, lengthBytes: number): Promise<Uint8Array>
    close(): Promise<void>
  }>
  /** Replaces what is at `to`, in one step. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
}
