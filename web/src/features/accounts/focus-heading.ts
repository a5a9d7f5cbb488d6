/** For what has just removed the control that had the focus: the page’s heading takes it, and nothing scrolls. */
export const focusHeading = (): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }))
}
