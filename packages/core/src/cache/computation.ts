import type { Cached, Compute } from './cache.ts'
import { cached, type Entry } from './entry.ts'
import { Flight } from './flight.ts'
import type { Settings } from './options.ts'

/** What a computation is told, and may have changed by its end. */
interface Context<Value> extends Settings {
  /** Deletions by tag before it began. */
  readonly version: number
  readonly signal: AbortSignal
  readonly held: Cached<Value> | undefined
  readonly keep: boolean
}

/** What a look-up that has to wait is after. */
export interface Wanted<Value> {
  readonly id: string
  readonly compute: Compute<Value>
  readonly settings: Settings
  /** What it would be newer than. */
  readonly held: Entry<Value> | undefined
}

/** A computation for a key. */
export class Computation<Value> extends Flight<Entry<Value>> {
  readonly wanted: Wanted<Value>
  readonly context: Context<Value>
  readonly startedAt: number

  constructor(wanted: Wanted<Value>, version: number, startedAt: number, onAbandoned: () => void) {
    super(onAbandoned)
    const { settings, held } = wanted
    this.wanted = wanted
    this.startedAt = startedAt
    // A name that means nothing, a misspelt one say, is refused where it is set.
    this.context = Object.seal({
      ...settings,
      version,
      signal: this.signal,
      held: held && cached(held, startedAt),
      keep: true,
    })
  }
}
