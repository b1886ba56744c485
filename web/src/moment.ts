// Moments, in words that stay true for as long as a page is open.

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** "4 hours ago" */
export function ago(at: string, now = Date.now()): string {
  const apart = Date.parse(at) - now
  for (const [unit, millis] of steps) {
    if (Math.abs(apart) >= millis) return relative.format(Math.round(apart / millis), unit)
  }
  return 'just now'
}

/** The moment in the reader's own time. */
export function exact(at: string): string {
  return full.format(new Date(at))
}
