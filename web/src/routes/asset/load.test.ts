import { expect, test } from 'vitest'
import type { Schemas } from '../../api/client'
import { byFile, byKind, byLink, measures, phrase, worth } from './load'

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
  expect(groups.map((group) => [group.title, group.items.length])).toEqual([['uses', 1], ['calls', 1], ['used by', 2]])
  expect(phrase('x-acme.feeds', 'in')).toBe('x acme.feeds (from)')
})

test('an edge says which part of the traffic it has', () => {
  const serves = (...properties: Schemas['Property'][]) => measures({ ...relation('serves', 'out'), properties })
  const [variant, role] = [{ name: 'variant', value: 'b' }, { name: 'role', value: 'canary' }]
  expect(serves(role, { name: 'share', value: 0.1 }, variant, { name: 'weight', value: 1 })).toBe('variant b · canary · 10%')
  expect(serves({ name: 'weight', value: 2 })).toBe('weight 2')
  expect(serves({ name: 'access', value: 'read' })).toBe('')
})

test('what other sources say is grouped by how it belongs here, and says what the reason is worth', () => {
  const there = (link: Schemas['Link'], relation: string | null, basis: Schemas['Basis'], one_of: number | null = null) => ({
    ...{ link, relation, basis, one_of, because: { scheme: 'name', value: 'x' } },
    ...{ source: 's', uid: 'u', kind: { id: 'endpoint', label: 'endpoint' }, name: 'n' },
  })
  const all = [there('same', null, 'exact'), there('out', 'resolves-to', 'name', 2), there('out', 'resolves-to', 'name', 2)]
  const groups = byLink([...all, there('in', 'resolves-to', 'name'), there('out', 'has-artifact', 'exact'), there('same', null, 'name')])
  expect(groups.map((group) => [group.title, group.items.map(worth)])).toEqual([
    ['same as', ['has the same', 'if it is the same network or account, has the same']],
    ['resolves to', ['one of 2 by name,', 'one of 2 by name,']],
    ['resolved from', ['by name only,']],
    ['has artifact', ['named by']],
  ])
})
