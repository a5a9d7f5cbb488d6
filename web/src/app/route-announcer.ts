import type { AnyRouter } from '@tanstack/react-router'

/**
 * After a navigation the heading of the new page takes the focus, so that a screen reader reads where one is and the
 * next Tab starts at the top of the content. A change of filters alone moves nothing.
 */
export const announceRoutes = (router: AnyRouter): void => {
  router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
    if (fromLocation && pathChanged) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
  })
}
