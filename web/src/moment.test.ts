import { expect, test } from 'vitest'
import { ago } from './moment'

const now = Date.parse('2026-11-22T12:00:00Z')

test.each([
  ['2026-11-22T11:59:40Z', 'just now'],
  ['2026-11-22T11:58:00Z', '2 minutes ago'],
  ['2026-11-22T08:00:00Z', '4 hours ago'],
  ['2026-11-21T11:00:00Z', 'yesterday'],
  ['2024-11-22T12:00:00Z', '2 years ago'],
])('ago(%s)', (at, expected) => expect(ago(at, now)).toBe(expected))
