import { expect, test } from 'vitest'
import { verdict, type Coverage } from './load'

function coverage(status: Coverage['status'], gaps: [failure: boolean, count: number][]): Coverage {
  const group = ([failure, count]: [boolean, number]) => ({ reason: 'r', title: 't', advice: 'a', failure, count, places: [] })
  return { status, gaps: gaps.map(group) } as unknown as Coverage
}

test.each([
  ['complete', [], 'good'],
  ['complete', [[false, 3]], 'good'],
  ['complete', [[true, 1]], 'warn'],
  ['partial', [], 'warn'],
  ['interrupted', [], 'warn'],
] as const)('a look that was %s with %j is %s', (status, gaps, tone) =>
  expect(verdict(coverage(status, gaps.map(([failure, count]) => [failure, count]))).tone).toBe(tone))
