const key = 'stillbox.signed-in'

/** A browser may refuse its storage altogether; then nothing is known. */
const tryStorage = <Value>(use: (storage: Storage) => Value, otherwise: Value): Value => {
  try {
    return use(localStorage)
  } catch {
    return otherwise
  }
}

/**
 * Whether it is worth asking who is signed in. The session cookie is out of reach for scripts, so this is only a note
 * that somebody signed in with this browser; it opens nothing. Over https a client certificate may have signed in by itself.
 */
export const mayBeSignedIn = (): boolean =>
  globalThis.location?.protocol === 'https:' || tryStorage((storage) => storage.getItem(key) !== null, true)

export const noteSignedIn = (): void => tryStorage((storage) => storage.setItem(key, 'yes'), undefined)
export const noteSignedOut = (): void => tryStorage((storage) => storage.removeItem(key), undefined)
