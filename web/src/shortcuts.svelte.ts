// Keys. Single letters can be switched off (WCAG 2.1.4) and never act while something is being typed.
import { go } from './location.svelte'
import { keep, kept } from './theme.svelte'

const KEY = 'inventar.shortcuts'

/** Every key, for the help that `?` opens. */
export const keys: { press: string[]; does: string }[] = [
  { press: ['/'], does: 'Search the inventory' },
  { press: ['j'], does: 'Next asset' },
  { press: ['k'], does: 'Previous asset' },
  { press: ['Enter'], does: 'Open the asset' },
  { press: ['n'], does: 'Next page of the list' },
  { press: ['p'], does: 'Previous page of the list' },
  { press: ['g', 'i'], does: 'Go to the inventory' },
  { press: ['g', 'c'], does: 'Go to the coverage' },
  { press: ['Esc'], does: 'Leave the search, close this help' },
  { press: ['?'], does: 'This help' },
]

class Shortcuts {
  on = $state(kept(KEY) !== 'off')
  help = $state(false)
  #leader = 0

  switch(on: boolean): void {
    this.on = on
    keep(KEY, on ? 'on' : 'off')
  }

  /** Acts on a key, unless it is meant for something else. */
  press(event: KeyboardEvent): void {
    if (!this.on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as HTMLElement
    if (target.closest('input:not([type=checkbox]), select, textarea, dialog, [contenteditable]')) return
    const led = Date.now() - this.#leader < 1500
    this.#leader = 0
    if (this.#act(event.key, led)) event.preventDefault()
  }

  #act(key: string, led: boolean): boolean {
    if (led && key === 'i') return (go('/'), true)
    if (led && key === 'c') return (go('/coverage'), true)
    switch (key) {
      case 'g':
        this.#leader = Date.now()
        return true
      case '?':
        return (this.help = true)
      case '/':
        return search()
      case 'j':
        return step(1)
      case 'k':
        return step(-1)
      case 'n':
        return click('[data-key=n]')
      case 'p':
        return click('[data-key=p]')
      default:
        return false
    }
  }
}

export const shortcuts = new Shortcuts()

function search(): boolean {
  const field = document.querySelector<HTMLInputElement>('input[type=search]')
  if (!field) go('/')
  // On another page the field comes with the inventory.
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>('input[type=search]')?.select())
  return true
}

function step(by: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)]
  next?.focus()
  return rows.length > 0
}

function click(selector: string): boolean {
  const target = document.querySelector<HTMLElement>(selector)
  target?.click()
  return target !== null
}
