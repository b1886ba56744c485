// Something that is fetched: the last answer stays while the next one is under way.
import { Failure, type Problem } from './api/client'

const remembered = new Map<string, unknown>()
const MAX_REMEMBERED = 30

/** A value from the API with its states. Answers are remembered by key, so that going back shows them at once. */
export class Resource<T> {
  value = $state.raw<T>()
  problem = $state.raw<Problem>()
  loading = $state(false)
  #under_way?: AbortController

  /** Fetches anew, and drops an older fetch that is still under way. */
  async load(key: string, fetch: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#under_way?.abort()
    const mine = (this.#under_way = new AbortController())
    const known = remembered.get(key) as T | undefined
    if (known !== undefined) this.value = known
    this.loading = true
    try {
      const value = await fetch(mine.signal)
      if (mine.signal.aborted) return
      remember(key, value)
      this.value = value
      this.problem = undefined
    } catch (error) {
      if (mine.signal.aborted) return
      if (!(error instanceof Failure)) throw error
      this.problem = error.problem
    } finally {
      if (!mine.signal.aborted) this.loading = false
    }
  }

  /** Drops what is under way. */
  stop(): void {
    this.#under_way?.abort()
  }
}

function remember(key: string, value: unknown): void {
  remembered.delete(key)
  remembered.set(key, value)
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_REMEMBERED) return
    remembered.delete(oldest)
  }
}
