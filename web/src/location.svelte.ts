// Where we are: the address is the state, so a link shows the same thing to everybody.
import { tick } from 'svelte'

/** The address that is shown. */
class Location {
  path = $state(window.location.pathname)
  search = $state(window.location.search)
  /** The last list that was shown, to go back to. */
  list = $state('/')

  get params(): URLSearchParams {
    return new URLSearchParams(this.search)
  }
}

export const here = new Location()

const scrolled = new Map<number, number>()
let entry: number = history.state?.entry ?? 0
let newest = entry
history.scrollRestoration = 'manual'
history.replaceState({ entry }, '')

/** Goes to another address of the console. */
export function go(address: string, { replace = false } = {}): void {
  const url = new URL(address, window.location.origin)
  const moved = url.pathname !== here.path
  scrolled.set(entry, window.scrollY)
  if (replace) {
    history.replaceState({ entry }, '', url)
  } else {
    entry = ++newest
    history.pushState({ entry }, '', url)
  }
  arrive(url)
  if (moved) void settle(0)
}

function arrive(url: URL | globalThis.Location): void {
  here.path = url.pathname
  here.search = url.search
  if (url.pathname === '/') here.list = url.pathname + url.search
}

/** Scrolls when the new page stands; and tells a screen reader that it is another page. */
async function settle(top: number): Promise<void> {
  await tick()
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  window.scrollTo(0, top)
}

window.addEventListener('popstate', (event) => {
  scrolled.set(entry, window.scrollY)
  const moved = window.location.pathname !== here.path
  entry = event.state?.entry ?? 0
  arrive(window.location)
  if (moved) void settle(scrolled.get(entry) ?? 0)
})

// Ordinary links stay ordinary: only a plain click on a page of the console is taken over.
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element).closest?.('a')
  if (!link?.href || link.target || link.hasAttribute('download')) return
  const url = new URL(link.href)
  if (url.origin !== window.location.origin || url.pathname.startsWith('/api/') || url.hash) return
  event.preventDefault()
  go(url.pathname + url.search)
})

if (here.path === '/') here.list = here.path + here.search
