import { expect, test } from 'vitest'
import { address, changed, chosen, cleared, narrows, query, toggled } from './filters'

const of = (search: string) => new URLSearchParams(search)

test.each([
  ['', 'kind', 'sdk', 'kind=sdk'],
  ['kind=sdk', 'kind', 'agent', 'kind=sdk%2Cagent'],
  ['kind=sdk,agent', 'kind', 'sdk', 'kind=agent'],
  ['kind=sdk', 'kind', 'sdk', ''],
  ['kind=sdk&page_token=x', 'usage', 'test', 'kind=sdk&usage=test'],
  ['', 'source', 'a,b', 'source=a%2Cb'],
  ['source=a', 'source', 'b', 'source=b'],
] as const)('toggled(%j, %s, %s)', (search, facet, value, expected) =>
  expect(toggled(of(search), facet, value).toString()).toBe(expected))

test.each([
  ['', { limit: 100 }],
  ['kind=sdk,agent&text=gpt&sort=name', { limit: 100, kind: ['sdk', 'agent'], text: 'gpt', sort: 'name' }],
  ['source=a,b', { limit: 100, source: 'a,b' }],
  ['nonsense=1&text=', { limit: 100 }],
])('query(%j)', (search, expected) => expect(query(of(search))).toEqual(expected))

test('a list that is not narrowed can only be empty because nothing is there', () => {
  expect(narrows(of('sort=name&presence=gone&text='))).toBe(false)
  expect(narrows(of('text=x'))).toBe(true)
  expect(narrows(of('kind=sdk'))).toBe(true)
})

test('clearing keeps the order', () => expect(cleared(of('kind=sdk&text=x&sort=name&page_token=y')).toString()).toBe('sort=name'))

test('a new search begins at the first page', () => expect(changed(of('text=a&page_token=x'), 'text', 'b').toString()).toBe('text=b'))

test('addresses and choices', () => {
  expect(address(of(''))).toBe('/')
  expect(address(of('kind=sdk'))).toBe('/?kind=sdk')
  expect(chosen(of('source=a,b'), 'source')).toEqual(['a,b'])
})
