import { randomUUID } from 'node:crypto'
import type { Source, SourcePage, Sync } from '@holdfast/agents/sync'
import { HoldfastError, toHoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import type { SyncEvent } from './events.ts'
import { pullState } from './pull-state.ts'
import type { PullCounts } from './server-sync.ts'

/** So many problems are kept for people to see, each of so many characters. */
const MAX_PROBLEMS = 20
const MAX_LETTERS = 300

/** Somebody else is at it, or has read on: he brings what there is. */
const ELSEWHERE: readonly string[] = ['PULL_TAKEN_OVER', 'CURSOR_MOVED']

/** What a pull needs. */
export interface PullRuntime {
  readonly store: Pick<Store, 'asWorker'>
  readonly sync: Pick<Sync, 'pull'>
  readonly clock: Pick<Clock, 'wallTime' | 'now'>
  readonly emit: (event: SyncEvent) => void
}

/** The pulls that are under way in this process: what their sources tell beside the records, and who hears of their pages. */
export interface PullsUnderWay {
  readonly onProblem: (source: string, tenant: string, problem: string) => void
  /** A source that tells of each page once it is kept. */
  watched(name: string, source: Source): Source
  run(runtime: PullRuntime, tenant: string, source: string, signal: AbortSignal): Promise<void>
}

interface UnderWay {
  readonly problems: string[]
  onPage(records: SourcePage['records']): Promise<void>
}

/** Keeps what is under way. */
export function createPulls(): PullsUnderWay {
  const underWay = new Map<string, UnderWay>()
  const keyOf = (source: string, tenant: string): string => JSON.stringify([source, tenant])
  return {
    onProblem(source, tenant, problem) {
      const pull = underWay.get(keyOf(source, tenant))
      if (pull !== undefined) pull.problems.push(problem.slice(0, MAX_LETTERS))
    },
    watched: (name, source) => ({
      async *read(cursor, context) {
        for await (const page of source.read(cursor, context)) {
          yield page
          // Somebody asks for the next one: this one is kept.
          await underWay.get(keyOf(name, context.tenant))?.onPage(page.records)
        }
      },
    }),
    async run({ store, sync, clock, emit }, tenant, source, signal) {
      const state = pullState(store, tenant, source, randomUUID())
      const now = (): number => Math.floor(clock.wallTime())
      const startedAt = clock.now()
      const told = () => ({ at: now(), tenant, source, records: counts.records, durationMs: clock.now() - startedAt })
      let counts: PullCounts = { pages: 0, records: 0 }
      // A source may tell of one twice, at the end of a page and the beginning of the next.
      const seen = new Set<string>()
      const pull: UnderWay = {
        problems: [],
        async onPage(records) {
          for (const { kind, id } of records) seen.add(`${kind} ${id}`)
          counts = { pages: counts.pages + 1, records: seen.size }
          await state.progress(counts)
        },
      }
      const failuresBefore = await state.begin(new Date(now()))
      underWay.set(keyOf(source, tenant), pull)
      try {
        const { changed, refused } = await sync.pull(tenant, source, { signal })
        const problems = [...pull.problems, ...refused.map(({ problem }) => problem)]
        const shown = [...new Set(problems)].slice(0, MAX_PROBLEMS)
        const ended = { ...counts, changed, refused: problems.length, problems: shown }
        await state.end({ at: new Date(now()), counts: ended })
        emit({ type: 'sync-pulled', ...told(), changed, refused: problems.length, recovered: failuresBefore > 0 })
      } catch (error) {
        // A worker that stops leaves it to another.
        if (signal.aborted) throw error
        if (HoldfastError.isInstance(error) && ELSEWHERE.includes(error.code)) return
        const { code, category, message } = toHoldfastError(error, source)
        // While the store is away this fails too, and the job is tried again.
        await state.end({ at: new Date(now()), counts, failure: { code, message: message.slice(0, MAX_LETTERS) } })
        emit({ type: 'sync-pull-failed', ...told(), code, category, error: message, failures: failuresBefore + 1 })
      } finally {
        if (underWay.get(keyOf(source, tenant)) === pull) underWay.delete(keyOf(source, tenant))
      }
    },
  }
}
