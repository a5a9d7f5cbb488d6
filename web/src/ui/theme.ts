export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'stillbox.theme'

export const storedTheme = (): Theme => {
  const stored = localStorage.getItem(key)
  return themes.find((theme) => theme === stored) ?? 'system'
}

/** `system` leaves the choice to prefers-color-scheme; contrast always follows prefers-contrast. */
export const applyTheme = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export const keepTheme = (theme: Theme): void => {
  localStorage.setItem(key, theme)
  applyTheme(theme)
}
