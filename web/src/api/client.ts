// The one way to the API. Paths, parameters and answers are checked against the description the server is made from.
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Problem = Schemas['Problem']

type Get<P extends keyof paths> = paths[P] extends { get: infer G } ? G : never
export type Query<P extends keyof paths> = Get<P> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never
type Answer<P extends keyof paths> =
  Get<P> extends { responses: { 200: { content: { 'application/json': infer A } } } } ? A : never
type Path<P extends keyof paths> = Get<P> extends { parameters: { path: infer V } } ? V : undefined

/** An answer that is not one. */
export class Failure extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.title)
    this.problem = problem
  }
}

/** The address of an answer: `{names}` filled in, lists joined by commas, what is empty left out. */
export function address<P extends keyof paths>(path: P, query?: Query<P>, names?: Path<P>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String((names as Record<string, string> | undefined)?.[name])))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '')
    if (text) search.set(name, text)
  }
  return search.size ? `${filled}?${search}` : filled
}

/** Asks the API; what is no answer is thrown as a `Failure`. */
export async function get<P extends keyof paths>(path: P, query?: Query<P>, names?: Path<P>, signal?: AbortSignal): Promise<Answer<P>> {
  let response: Response
  try {
    response = await fetch(address(path, query, names), { signal, headers: { accept: 'application/json' } })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Failure(unreachable)
  }
  if (response.ok) return (await response.json()) as Answer<P>
  throw new Failure(await problemOf(response))
}

const unreachable: Problem = {
  type: 'about:blank',
  title: 'The program does not answer',
  status: 0,
  detail: 'No connection to the server could be made.',
  hint: 'start it again with `inventar serve`',
}

async function problemOf(response: Response): Promise<Problem> {
  const unknown = { ...unreachable, title: 'The answer cannot be read', status: response.status, detail: `status ${response.status}`, hint: 'look into the log of the program' }
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return unknown
  return { ...unknown, ...((await response.json().catch(() => ({}))) as Partial<Problem>) }
}
