import { HoldfastError, systemClock, toHoldfastError } from '@holdfast/core'
import type { Clock, ScheduledTask } from '@holdfast/core'
import { keyReused } from '@holdfast/store/database'
import type { Journal, JournalRecord } from '@holdfast/store/journal'
import type { Log } from '../http/context.ts'
import { isOutage } from './accepted-request.ts'
import type { AcceptedRequest } from './accepted-request.ts'

/** How long until the store is tried again, at first and at most, in ms. */
const FIRST_MS = 250
const LAST_MS = 10_000

/** A request that has not reached the store. */
export interface WaitingRequest {
  readonly accepted: AcceptedRequest
  /** Wall time in ms. */
  readonly at: number
  /** The code of what the store refused it with for good. It stays, and is tried again after the next start. */
  readonly refused?: string | undefined
}

/** What {@link openRequestJournal} is made with. */
export interface RequestJournalOptions {
  /** It has it for itself. */
  readonly journal: Journal
  /** Brings a request into the store, once for its key. */
  readonly begin: (accepted: AcceptedRequest, options: { acceptedAt: number; signal: AbortSignal }) => Promise<unknown>
  readonly log: Log
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

/** Requests that are on the disk while the store is away. */
export interface RequestJournal {
  /** Whether requests come here without asking the store: it has failed, and something waits for it. */
  readonly isAway: boolean
  readonly size: number
  /** Those that the store refuses for good. */
  readonly refused: number
  find(id: string): WaitingRequest | undefined
  /**
   * Resolves when it is on the disk. @returns whether it was there already.
   * @throws HoldfastError `IDEMPOTENCY_KEY_REUSED`; what the journal rejects with
   */
  accept(accepted: AcceptedRequest): Promise<boolean>
  /** Begins to bring over what waits. */
  start(): void
  close(): Promise<void>
}

/** Reads what an earlier process has left. @throws HoldfastError of the journal */
export async function openRequestJournal(options: RequestJournalOptions): Promise<RequestJournal> {
  const { journal, begin, log, clock = systemClock } = options
  /** The journal bounds how many. */
  const waiting = new Map<string, WaitingRequest>()
  const onTheirWay = new Map<string, Promise<unknown>>()
  const stopping = new AbortController()
  let hasStarted = false
  let isAway = false
  let failures = 0
  let task: ScheduledTask | undefined
  let round: Promise<void> | undefined
  // What cannot be read must not keep the others from it.
  const { failures: found } = await journal.replay(
    ({ data, at }) => {
      const accepted = data as AcceptedRequest
      waiting.set(accepted.id, { accepted, at })
      throw new Aside()
    },
    { onFailure: 'continue' },
  )
  const unreadable = found.filter(({ error }) => !(error instanceof Aside)).length
  if (unreadable > 0) log.error({ unreadable }, 'requests on the disk are damaged')

  const refused = (): number => [...waiting.values()].filter((one) => one.refused !== undefined).length

  function arm(ms: number): void {
    if (!hasStarted || task !== undefined || round !== undefined || stopping.signal.aborted) return
    if (waiting.size === refused()) return
    task = clock.schedule(ms, () => {
      task = undefined
      round = replay().finally(() => {
        round = undefined
        arm(Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures, 10)))
      })
    })
  }

  async function replay(): Promise<void> {
    try {
      const { complete, failures: failed } = await journal.replay(handle, {
        signal: stopping.signal,
        // What says nothing of the store must not keep the others from it.
        onFailure: (error) => (isOutage(error) && !isUnreadable(error) ? 'stop' : 'continue'),
      })
      isAway = !complete
      const isDone = failed.every(({ error }) => error instanceof Aside || isUnreadable(error))
      failures = complete && isDone ? 0 : failures + 1
    } catch (error) {
      // The journal itself: it is tried again.
      failures += 1
      if (!stopping.signal.aborted) log.error({ code: toHoldfastError(error).code }, 'the journal of requests failed')
    }
  }

  async function handle({ data, at }: JournalRecord): Promise<void> {
    const accepted = data as AcceptedRequest
    const { id, tenant, desk } = accepted
    if (waiting.get(id)?.refused !== undefined) throw new Aside()
    try {
      await begin(accepted, { acceptedAt: at, signal: stopping.signal })
    } catch (error) {
      const { code } = toHoldfastError(error)
      if (stopping.signal.aborted || isOutage(error) || code === 'TOO_MANY_RUNS') throw error
      waiting.set(id, { accepted, at, refused: code })
      log.error({ request: id, tenant, desk, code }, 'a request that was accepted is refused by the store; it is kept')
      throw new Aside()
    }
    waiting.delete(id)
    log.info({ request: id, tenant, desk, waitedMs: clock.wallTime() - at }, 'a request has come into the store')
  }

  async function append(accepted: AcceptedRequest): Promise<boolean> {
    const before = waiting.get(accepted.id)
    if (before !== undefined) {
      if (before.accepted.fingerprint !== accepted.fingerprint) throw keyReused()
      return true
    }
    const { id, tenant, fingerprint } = accepted
    // Before it is on the disk: from there on it may come into the store at any moment.
    waiting.set(id, { accepted, at: clock.wallTime() })
    try {
      const { repeated } = await journal.append({
        kind: 'request',
        tenant,
        key: `${id}:${fingerprint}`,
        data: accepted,
      })
      // Then it has come into the store before.
      if (repeated) waiting.delete(id)
      else isAway = true
      return repeated
    } catch (error) {
      waiting.delete(id)
      // The same request, which its desk reads otherwise by now: it was there.
      if (HoldfastError.isInstance(error) && error.code === 'JOURNAL_KEY_REUSED') return true
      throw error
    }
  }

  return {
    get isAway() {
      return !hasStarted || (isAway && waiting.size > refused())
    },
    get size() {
      return waiting.size
    },
    get refused() {
      return refused()
    },
    find: (id) => waiting.get(id),
    async accept(accepted) {
      const { id } = accepted
      // One after the other: what is on its way may fail to reach the disk.
      for (let before = onTheirWay.get(id); before !== undefined; before = onTheirWay.get(id)) await before
      const kept = append(accepted)
      onTheirWay.set(
        id,
        kept.catch(() => undefined),
      )
      try {
        return await kept
      } finally {
        onTheirWay.delete(id)
        arm(FIRST_MS)
      }
    },
    start() {
      hasStarted = true
      arm(0)
    },
    async close() {
      stopping.abort()
      task?.cancel()
      await round
      await journal.close()
    },
  }
}

/** There is nothing to be done with a record now. */
class Aside extends Error {}

function isUnreadable(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.code === 'JOURNAL_RECORD_UNREADABLE'
}
