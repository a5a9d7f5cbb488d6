/** Everything that waits for the server, so that one loss ends all of it. */
export type PendingCalls = {
  /**
   * Starts something that answers by a callback. Rejects with the failure when the connection is lost first, and right away
   * when it is lost already. `limitMs` replaces the usual limit on the server's silence while this is pending.
   */
  wait<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void, limitMs?: number): Promise<T>
  /** Rejects all that is pending and all that comes. The first failure stays; a second call does nothing. */
  fail(failure: unknown): void
  readonly failure: { readonly reason: unknown } | null
  /** Time since something was last settled, while something is pending, over its limit. */
  isOverdue(nowMs: number): boolean
}

export const createPendingCalls = (usualLimitMs: number): PendingCalls => {
  const pending = new Map<(error: unknown) => void, number>()
  let failure: { readonly reason: unknown } | null = null
  let movedAtMs = 0
  return {
    get failure() {
      return failure
    },
    wait: (start, limitMs = usualLimitMs) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure.reason)
        if (pending.size === 0) movedAtMs = performance.now()
        const settle = () => {
          movedAtMs = performance.now()
          pending.delete(lose)
        }
        const lose = (error: unknown) => {
          settle()
          // What the library says about a call after the connection is gone is only a consequence of that.
          reject(failure ? failure.reason : error)
        }
        pending.set(lose, limitMs)
        start((value) => {
          settle()
          resolve(value)
        }, lose)
      }),
    fail: (reason) => {
      if (failure) return
      failure = { reason }
      for (const lose of [...pending.keys()]) lose(reason)
    },
    isOverdue: (nowMs) => pending.size > 0 && nowMs - movedAtMs > Math.max(...pending.values()),
  }
}
