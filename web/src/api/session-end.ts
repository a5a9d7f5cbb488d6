import { useSyncExternalStore } from 'react'

let ended = false
const listeners = new Set<() => void>()

const set = (value: boolean): void => {
  if (ended === value) return
  ended = value
  for (const listener of listeners) listener()
}

/** A call was refused because the session is over. The page stays as it is, so that nothing typed is lost. */
export const noteSessionEnd = (): void => set(true)
export const noteSessionStart = (): void => set(false)

export const useSessionEnded = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => ended,
  )
