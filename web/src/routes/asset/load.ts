import { get, type Schemas } from '../../api/client'

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

/** The relations of one kind in one direction. */
export interface RelationGroup {
  kind: string
  direction: Schemas['Direction']
  items: Schemas['Relation'][]
}

/** Relations by direction and kind, those that lead away first. */
export function byKind(relations: Schemas['Relation'][]): RelationGroup[] {
  const groups = new Map<string, RelationGroup>()
  for (const relation of relations) {
    const key = `${relation.direction} ${relation.kind}`
    const group = groups.get(key) ?? { kind: relation.kind, direction: relation.direction, items: [] }
    group.items.push(relation)
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) => Number(a.direction === 'in') - Number(b.direction === 'in'))
}

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
export function phrase(group: RelationGroup): string {
  if (group.direction === 'out') return group.kind.replaceAll('-', ' ')
  return passive[group.kind] ?? `${group.kind.replaceAll('-', ' ')} (from)`
}
