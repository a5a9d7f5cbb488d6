import { type RefObject, useEffect, useRef } from 'react'

/**
 * For a form: whenever there is another fault, the first field that shows one takes the focus, which also reads its error out.
 * @param fault what was refused; null or undefined while nothing is
 */
export const useFaultFocus = (fault: unknown): RefObject<HTMLFormElement | null> => {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (fault === null || fault === undefined) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], fieldset[aria-describedby] input')?.focus()
  }, [fault])
  return form
}
