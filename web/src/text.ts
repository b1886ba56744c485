// Text from a scanned source may be hostile. Svelte keeps it from being markup; this keeps it from being invisible or
// from reordering what stands around it.

// Control characters but tab and newline, marks that change direction, zero-width characters and tag characters (which
// carry hidden instructions for language models).
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** The text with every hidden character written out: `U+202E`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (c) => `⟨U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`)
}

/** The same, on one line. */
export function line(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim()
}

/** A path cut in front, at a separator where there is one, so that its end can be read. */
export function tail(path: string, max: number): string {
  const shown = line(path)
  if (shown.length <= max) return shown
  const cut = shown.slice(shown.length - max + 1)
  const slash = cut.indexOf('/')
  return '…' + (slash > 0 && slash < max / 2 ? cut.slice(slash) : cut)
}

const number = new Intl.NumberFormat('en')
const bytes = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** 12,481 */
export function count(n: number): string {
  return number.format(n)
}

/** "1 asset", "2 assets" */
export function plural(n: number, one: string, many = one + 's'): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** 4.2 MB */
export function size(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let at = 0
  while (n >= 1000 && at < units.length - 1) {
    n /= 1000
    at++
  }
  return `${bytes.format(n)} ${units[at]}`
}

/** 3.4 s */
export function duration(millis: number): string {
  if (millis < 1) return '< 1 ms'
  if (millis < 1000) return `${Math.round(millis)} ms`
  if (millis < 60_000) return `${bytes.format(millis / 1000)} s`
  const minutes = Math.floor(millis / 60_000)
  return `${minutes} min ${Math.round((millis % 60_000) / 1000)} s`
}
