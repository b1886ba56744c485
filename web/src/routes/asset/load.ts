import { get, type Schemas } from '../../api/client'
import { line } from '../../text'

export type Asset = Schemas['AssetDetail']

/** Everything about one asset. */
export function load(uid: string, signal: AbortSignal): Promise<Asset> {
  return get('/api/v1/assets/{uid}', undefined, { uid }, signal)
}

/** The evidence of one file, or of one place that is no file. */
export interface EvidenceFile {
  place: string
  isFile: boolean
  items: Schemas['Evidence'][]
}

/** Evidence by file, the file with the strongest first; inside a file by line. */
export function byFile(evidence: Schemas['Evidence'][]): EvidenceFile[] {
  const files = new Map<string, EvidenceFile>()
  for (const item of evidence) {
    const place = placeName(item.place)
    const file = files.get(place) ?? { place, isFile: item.place.type === 'file', items: [] }
    file.items.push(item)
    files.set(place, file)
  }
  for (const file of files.values()) file.items.sort((a, b) => start(a) - start(b))
  return [...files.values()]
}

function placeName(place: Schemas['Place']): string {
  return place.type === 'exchange' ? `recorded exchange ${place.id}` : place.path
}

function start(item: Schemas['Evidence']): number {
  return item.place.type === 'file' ? item.place.start_byte : 0
}

/** Edges of one kind in one direction. */
export interface Group<T> {
  title: string
  items: T[]
}

function grouped<T>(all: T[], title: (one: T) => string): Group<T>[] {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(title(one))
    if (group) group.push(one)
    else groups.set(title(one), [one])
  }
  return [...groups].map(([title, items]) => ({ title, items }))
}

/** Relations by direction and kind, those that lead away first. */
export function byKind(relations: Schemas['Relation'][]): Group<Schemas['Relation']>[] {
  const ordered = [...relations].sort((a, b) => Number(a.direction === 'in') - Number(b.direction === 'in'))
  return grouped(ordered, (relation) => phrase(relation.kind, relation.direction))
}

/** What other sources say, by how it belongs here, in the order of the API: the same thing first. */
export function byLink(elsewhere: Schemas['Elsewhere'][]): Group<Schemas['Elsewhere']>[] {
  return grouped(elsewhere, ({ link, relation }) => (link === 'same' ? 'same as' : phrase(relation ?? '', link)))
}

/** Why an asset of another source belongs here, and what that is worth; the identifier stands behind it. */
export function worth({ link, basis, one_of }: Schemas['Elsewhere']): string {
  if (basis === 'exact') return link === 'same' ? 'has the same' : 'named by'
  if (link === 'same') return 'if it is the same network or account, has the same'
  return one_of ? `one of ${one_of} by name,` : 'by name only,'
}

/** The share of traffic, its role, and other small facts of an edge: "variant b · canary · 10 %". */
export function measures({ properties }: Schemas['Relation']): string {
  const value = (name: string) => properties.find((property) => property.name === name)?.value
  const [variant, role, share, weight] = ['variant', 'role', 'share', 'weight'].map(value)
  const words: string[] = []
  if (typeof variant === 'string') words.push(`variant ${line(variant)}`)
  if (typeof role === 'string') words.push(line(role))
  if (typeof share === 'number') words.push(percent.format(share))
  else if (typeof weight === 'number') words.push(`weight ${weight}`)
  return words.join(' · ')
}

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 })

/** Each relation read from its other end. */
const passive: Record<string, string> = {
  uses: 'used by',
  declares: 'declared by',
  imports: 'imported by',
  calls: 'called by',
  'resolves-to': 'resolved from',
  'has-artifact': 'artifact of',
  'instance-of': 'instances',
  serves: 'served by',
  'derived-from': 'base of',
  'trained-on': 'trained',
  'evaluated-by': 'evaluates',
  'runs-as': 'run by',
  exposes: 'exposed by',
  'stored-in': 'stores',
  'reads-secret': 'read by',
  'licensed-as': 'licence of',
  'owned-by': 'owns',
}

/** "uses", or "used by" from the other end. */
export function phrase(kind: string, direction: Schemas['Direction']): string {
  if (direction === 'out') return kind.replaceAll('-', ' ')
  return passive[kind] ?? `${kind.replaceAll('-', ' ')} (from)`
}
