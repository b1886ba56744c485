import { expect, test } from 'vitest'
import type { Schemas } from '../../api/client'
import { byFile, byKind, phrase } from './load'

function evidence(path: string, start_byte: number): Schemas['Evidence'] {
  return {
    place: { type: 'file', path, line: 1, start_byte, end_byte: start_byte + 1 },
    rule: 'r',
    method: 'parsed',
    usage: 'runtime',
    confidence: { percent: 90, label: 'certain' },
    snippet: null,
  }
}

function relation(kind: string, direction: Schemas['Direction']): Schemas['Relation'] {
  const other: Schemas['OtherEnd'] = { type: 'unresolved', identifier: { scheme: 'import', value: 'x' } }
  return { kind, direction, other, properties: [], evidence: [] }
}

test('evidence is grouped by file, strongest file first, then by line', () => {
  const files = byFile([evidence('b.py', 9), evidence('a.py', 3), evidence('b.py', 2)])
  expect(files.map((file) => [file.place, file.items.length])).toEqual([['b.py', 2], ['a.py', 1]])
  expect(files[0]!.items[0]!.place).toMatchObject({ start_byte: 2 })
})

test('relations are grouped by direction and kind, those that lead away first', () => {
  const groups = byKind([relation('uses', 'in'), relation('uses', 'out'), relation('calls', 'out'), relation('uses', 'in')])
  expect(groups.map(phrase)).toEqual(['uses', 'calls', 'used by'])
  expect(phrase({ kind: 'x-acme.feeds', direction: 'in', items: [] })).toBe('x acme.feeds (from)')
})
