/**
 * Does something again and again, one at a time: every `intervalMs`, and at once after `wake`. A round that fails is reported, and the
 * next one comes all the same.
 */
export type Rounds = {
  start(): void
  /** Asks for a round now; during one, for another right after it. */
  wake(): void
  /** No further rounds; resolved when the one under way is over. */
  stop(): Promise<void>
}

export const createRounds = (
  round: (signal: AbortSignal) => Promise<void>,
  intervalMs: number,
  onError: (error: unknown) => void,
): Rounds => {
  const stopping = new AbortController()
  let loop: Promise<void> | null = null
  let isWoken = false
  let endPause = () => {}

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs)
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const run = async () => {
    while (!stopping.signal.aborted) {
      isWoken = false
      await round(stopping.signal).catch(onError)
      if (!isWoken && !stopping.signal.aborted) await pause()
    }
  }

  return {
    start: () => {
      loop ??= run()
    },
    wake: () => {
      isWoken = true
      endPause()
    },
    stop: async () => {
      stopping.abort()
      endPause()
      await loop
    },
  }
}
