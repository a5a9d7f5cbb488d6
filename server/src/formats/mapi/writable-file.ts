/** A file while it is made. A writer goes forward through it, and comes back for a few places that are known only at the end. */
export type WritableFile = {
  /** Writes all of `bytes` at this place, beyond the end too; they belong to the caller again once the promise is settled. */
  write(offset: number, bytes: Uint8Array): Promise<void>
}
