import { get, type Schemas } from '../../api/client'
import { learn, query } from './filters'

/** What the inventory page shows. */
export interface Inventory {
  page: Schemas['AssetPage']
  facets: Schemas['FacetsView']
}

/** The page of assets and the counts of the filters. */
export async function load(params: URLSearchParams, signal: AbortSignal): Promise<Inventory> {
  const asked = query(params)
  const { page_token: _, ...filters } = asked
  const [page, facets] = await Promise.all([
    get('/api/v1/assets', asked, undefined, signal),
    get('/api/v1/facets', filters, undefined, signal),
  ])
  learn(facets)
  return { page, facets }
}
