// The reader's theme: the system's, or a chosen one. `theme.js` applies it before the first paint.

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const KEY = 'inventar.theme'

class Appearance {
  theme = $state<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'system')

  /** Takes the next theme. */
  turn(): void {
    this.theme = themes[(themes.indexOf(this.theme) + 1) % themes.length]!
    if (this.theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = this.theme
    keep(KEY, this.theme)
  }
}

export const appearance = new Appearance()

/** Remembers a choice, where the browser lets us. */
export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

/** A remembered choice. */
export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
