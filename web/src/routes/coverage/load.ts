import { get, type Schemas } from '../../api/client'

export type Coverage = Schemas['CoverageView']

/** What was looked at, of every source. */
export async function load(source: string | null, signal: AbortSignal): Promise<Coverage[]> {
  const { items } = await get('/api/v1/coverage', source ? { source } : {}, undefined, signal)
  return items
}

/** What to say of a look, in a title and a sentence. Never good news when something is missing. */
export function verdict(coverage: Coverage): { tone: 'good' | 'warn'; title: string; sentence: string } {
  const failures = coverage.gaps.filter((gap) => gap.failure).reduce((sum, gap) => sum + gap.count, 0)
  const declared = coverage.gaps.filter((gap) => !gap.failure).reduce((sum, gap) => sum + gap.count, 0)
  const places = (n: number) => `${n.toLocaleString('en')} ${n === 1 ? 'place' : 'places'}`
  if (coverage.status === 'interrupted') {
    return { tone: 'warn', title: 'Stopped before the end', sentence: 'The scan was interrupted. What was not reached keeps what was known of it before.' }
  }
  if (coverage.status === 'partial' || failures > 0) {
    return { tone: 'warn', title: 'Not everything was looked at', sentence: `${failures ? places(failures) : 'Part of the source'} could not be looked at. What was seen there before still stands; what is new there is not known.` }
  }
  if (declared > 0) {
    return { tone: 'good', title: 'Everything in scope was looked at', sentence: `${places(declared)} could not be read: broken, over a declared limit, or not understood yet.` }
  }
  return { tone: 'good', title: 'Everything in scope was looked at', sentence: 'No plugin and no place was left without an answer.' }
}

const rules: Record<string, string> = {
  gitignored: 'Ignored by .gitignore',
  inventarignored: 'Ignored by .inventarignore',
  'dependency-folder': 'Dependency folders, which --no-ignore enters',
  'ignored-build-folder': 'Ignored build folders, which --no-ignore enters',
  'symbolic-link': 'Symbolic links, which are not followed',
  'special-file': 'Sockets, pipes and devices',
}

/** What a rule of the walk means. */
export function ruleName(rule: string): string {
  return rules[rule] ?? rule.replaceAll('-', ' ')
}
