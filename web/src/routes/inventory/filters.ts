// The filters of the inventory: the address of the page carries them under the names the API uses.
import type { Query, Schemas } from '../../api/client'

export type AssetQuery = Query<'/api/v1/assets'>
type Sort = NonNullable<AssetQuery['sort']>

/** Filters with counts, in the order in which the page shows them. */
export const facets = ['kind', 'usage', 'confidence', 'provider', 'plugin', 'source'] as const satisfies (keyof Schemas['FacetsView'])[]
export type Facet = (typeof facets)[number]

/** Orders that the API has, with what people call them. */
export const sorts: Record<Sort, string> = {
  kind: 'Kind',
  name: 'Name',
  usage: 'Usage',
  confidence: 'Confidence',
  changed: 'Last changed',
}

/** Rows a page. */
export const PAGE = 100

/** The values chosen in a facet. */
export function chosen(params: URLSearchParams, facet: Facet): string[] {
  const text = params.get(facet)
  if (!text) return []
  // A source is one name, and may hold commas.
  return facet === 'source' ? [text] : text.split(',').filter(Boolean)
}

const labels = new Map<string, string>()

/** Remembers what people call the values, for when a value is chosen that no asset has any more. */
export function learn(counted: Schemas['FacetsView']): void {
  for (const facet of facets) for (const { value, label } of counted[facet]) labels.set(`${facet} ${value}`, label)
}

/** What people call a value. */
export function label(facet: Facet, value: string): string {
  return labels.get(`${facet} ${value}`) ?? value
}

/** Whether anything narrows the list. */
export function narrows(params: URLSearchParams): boolean {
  return facets.some((facet) => params.has(facet)) || Boolean(params.get('text')) || params.has('path')
}

/** The parameters with one value of a facet put in or taken out; the page begins anew. */
export function toggled(params: URLSearchParams, facet: Facet, value: string): URLSearchParams {
  const values = chosen(params, facet)
  const without = values.filter((one) => one !== value)
  if (without.length < values.length) return changed(params, facet, without.join(','))
  return changed(params, facet, facet === 'source' ? value : [...values, value].join(','))
}

/** The parameters with one of them set, or taken out when the value is empty; the page begins anew. */
export function changed(params: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(params)
  next.delete('page_token')
  if (value) next.set(name, value)
  else next.delete(name)
  return next
}

/** The parameters without any filter. */
export function cleared(params: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams()
  for (const name of ['sort', 'presence']) {
    const value = params.get(name)
    if (value) next.set(name, value)
  }
  return next
}

/** What the API is asked; a word it does not know is left to it to refuse. */
export function query(params: URLSearchParams): AssetQuery {
  const asked: Record<string, unknown> = { limit: PAGE }
  for (const facet of facets) {
    const values = chosen(params, facet)
    if (values.length) asked[facet] = facet === 'source' ? values[0] : values
  }
  for (const name of ['text', 'path', 'presence', 'sort', 'page_token']) {
    const value = params.get(name)
    if (value) asked[name] = value
  }
  return asked as AssetQuery
}

/** The address of the inventory with these parameters. */
export function address(params: URLSearchParams): string {
  return params.size ? `/?${params}` : '/'
}
