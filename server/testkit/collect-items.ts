/** The sink of the port `source`, in its shape only: the testkit imports no product code. */
type Facts = { readonly ref: number | string; readonly etag?: string }
type Issue = { readonly ref: number | string | null; readonly code: string; readonly isLost: boolean }

/**
 * A sink that keeps everything, and throws when the calls do not come as `begin write* end` or `skip`, each ref once.
 * `delay` is awaited at every write, to be a slow reader.
 */
export const collectInto = (delay: () => Promise<void> = async () => {}) => {
  const items = new Map<number | string, { facts: Facts; bytes: Buffer; announcedSizeBytes: number | null }>()
  const issues: Issue[] = []
  const seen = new Set<number | string>()
  let current: { facts: Facts; announcedSizeBytes: number | null; chunks: Buffer[] } | null = null
  let isWriting = false
  const idle = (call: string) => {
    if (current || isWriting) throw new Error(`${call} while an item is being written`)
  }
  const first = (ref: number | string) => {
    if (seen.has(ref)) throw new Error('the same ref came out twice')
    seen.add(ref)
  }
  return {
    items,
    issues,
    sink: {
      begin: (facts: Facts, announcedSizeBytes: number | null) => {
        idle('begin')
        first(facts.ref)
        current = { facts, announcedSizeBytes, chunks: [] }
      },
      write: async (chunk: Uint8Array) => {
        if (!current || isWriting) throw new Error('write without begin, or before the last write was over')
        isWriting = true
        // Copied at once: the chunk is its reader's again afterwards.
        current.chunks.push(Buffer.from(chunk))
        await delay()
        isWriting = false
      },
      end: () => {
        if (!current || isWriting) throw new Error('end without begin')
        const { facts, announcedSizeBytes, chunks } = current
        items.set(facts.ref, { facts, announcedSizeBytes, bytes: Buffer.concat(chunks) })
        current = null
      },
      skip: (issue: Issue) => {
        idle('skip')
        if (issue.ref !== null) first(issue.ref)
        issues.push(issue)
      },
    },
  }
}
