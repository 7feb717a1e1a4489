import { createHash, randomUUID } from 'node:crypto'
import { HoldfastError, systemClock } from '@holdfast/core'
import { untilAborted } from '../engine/ending.ts'
import { keyReused } from '../once.ts'
import type { Transaction } from '../session-dialect.ts'
import { claimWrite, endWrite } from './claims.ts'
import type { ClaimOutcome, WriteEnd, WriteName } from './claims.ts'
import { memoryAway, unconfirmed } from './errors.ts'
import { checkKey, checkOptions } from './options.ts'
import type { WriteMemoryOptions } from './options.ts'
import { listUnconfirmed, settle } from './settle-write.ts'
import type { UnconfirmedWrite, WriteSettlement } from './settle-write.ts'

/** How often somebody looks whether another process has made a write, in ms: at first, and at most. */
const LOOK_MS = { first: 50, most: 1_000 } as const

/** How long to wait before what came of a write is noted again, in ms: at first, and at most. */
const NOTE_AGAIN_MS = { first: 500, most: 30_000 } as const

/** So much is kept of what was to be written, for who has to find out whether it was, in characters. */
const MOST_INPUT = 2_000

/** A write that is made once. */
export interface OutsideWrite extends WriteName {
  /** What the key stands for, as JSON can say it. Its hash is kept, and its beginning until it is known to have been made. */
  readonly input: unknown
  /** The caller's abort: it ends the waiting at once. The write itself has to heed it by its own means. */
  readonly signal?: AbortSignal | undefined
  /**
   * So long after it was first begun the service itself makes the write only once for its key, in ms: until then one of which nobody knows whether it was made is made again. Default: 0, for a service that knows no
   * keys.
   */
  readonly repeatableForMs?: number | undefined
}

/** Remembers writes to other systems in the store: across processes, and across restarts. It is what connectors take as their `writeMemory`. */
export interface StoredWriteMemory {
  /**
   * Makes a write, or gives back what the same key gave before, as JSON has it. It is claimed before it is made, and its result is written after; a call while it is under way, in whichever process, waits for it.
   * A failure that cannot have taken effect is forgotten, and the key may be used again.
   * @throws HoldfastError `WRITE_UNCONFIRMED` when an earlier write with this key may have taken effect, nobody knows, and it cannot be made again or that has failed, too; `IDEMPOTENCY_KEY_REUSED`; `INVALID_INPUT` for a key that cannot be kept;
   * `WRITE_MEMORY_AWAY` (retryable) when the store is away, so that it was not made.
   */
  once<T>(write: OutsideWrite, make: () => Promise<T>): Promise<T>
  /** The writes of which nobody knows whether they were made, the oldest first. @param options.limit Default: 100. */
  unconfirmed(options?: { readonly limit?: number | undefined }): Promise<readonly UnconfirmedWrite[]>
  /**
   * Takes down what a person has found out about one of them. `service` is as {@link StoredWriteMemory.unconfirmed} says it.
   * @throws HoldfastError `WRITE_UNKNOWN`, `WRITE_SETTLED` when it is known to have been made, `WRITE_UNDER_WAY` when it may be made just now.
   */
  settle(settlement: WriteSettlement): Promise<void>
  /** Tries once more to note what could not be noted. What cannot be noted now either is `WRITE_UNCONFIRMED` from then on. */
  close(): Promise<void>
}

/** What came of a write in this process. */
type Outcome<T> =
  | { readonly made: T }
  /** @property wasTried whether the write itself was begun. */
  | { readonly failed: unknown; readonly wasTried: boolean }

interface Local {
  readonly fingerprint: string
  /** The beginning of what is to be written. */
  readonly input: string
  readonly outcome: Promise<Outcome<unknown>>
  /** Set once it is over, and the store does not know yet. */
  unnoted?: WriteEnd['state']
}

/** Opens the memory. @throws HoldfastError `INVALID_OPTION` */
export function openWriteMemory(options: WriteMemoryOptions): StoredWriteMemory {
  const { store, tenant, account, clock = systemClock } = options
  const { underWayMs, timeoutMs } = checkOptions(options)
  const locals = new Map<string, Local>()
  const stopping = new AbortController()
  const notes = new Set<Promise<void>>()

  const inStore = <T>(work: (transaction: Transaction) => Promise<T>, signal?: AbortSignal): Promise<T> =>
    store.asWorker(tenant, work, { timeoutMs, signal })

  const note = (name: WriteName, claim: string, end: WriteEnd): Promise<boolean> =>
    inStore((transaction) => endWrite(transaction, name, claim, end)).then(
      () => true,
      // What the store refuses it refuses again: then it stays as it was claimed, which is the safe side.
      (error: unknown) => isRefusal(error),
    )

  const noteLater = async (name: WriteName, claim: string, end: WriteEnd): Promise<void> => {
    for (let wait: number = NOTE_AGAIN_MS.first; ; wait = Math.min(wait * 2, NOTE_AGAIN_MS.most)) {
      await clock.sleep(wait, stopping.signal).catch(() => undefined)
      if ((await note(name, claim, end)) || stopping.signal.aborted) return
    }
  }

  /** Notes an end now, or, while the store is away, behind the caller's back: until then this process knows it. */
  const noted = async (id: string, local: Local, ...[name, claim, end]: Parameters<typeof note>): Promise<void> => {
    if (await note(name, claim, end)) return void locals.delete(id)
    local.unnoted = end.state
    const later = noteLater(name, claim, end).finally(() => {
      locals.delete(id)
      notes.delete(later)
    })
    notes.add(later)
  }

  /** What a call finds that comes while the same write is under way here. Undefined: it has to look for itself. */
  const shared = async (
    local: Local,
    write: OutsideWrite,
    fingerprint: string,
  ): Promise<{ made: unknown } | undefined> => {
    if (local.fingerprint !== fingerprint) throw keyReused()
    const outcome = await untilAborted(local.outcome, write.signal)
    if ('made' in outcome) return outcome
    // Nothing can be claimed again before it is known to be free.
    if (local.unnoted === 'free') throw memoryAway(write.service)
    if (!outcome.wasTried) return undefined
    throw isHarmless(outcome.failed) ? outcome.failed : unconfirmed(write.service)
  }

  /** Claims a write, or waits for who has. */
  const claimed = async (
    name: WriteName,
    write: OutsideWrite,
    keys: Parameters<typeof claimWrite>[2],
  ): Promise<ClaimOutcome> => {
    for (let wait: number = LOOK_MS.first; ; wait = Math.min(wait * 2, LOOK_MS.most)) {
      const found = await inStore((transaction) => claimWrite(transaction, name, keys), write.signal)
      if (found.state !== 'claimed') return found
      const leftMs = underWayMs - found.ageMs
      if (leftMs <= 0) return { state: 'unconfirmed' }
      await clock.sleep(Math.min(wait, leftMs), write.signal)
    }
  }

  async function make<T>(id: string, local: Local, write: OutsideWrite, work: () => Promise<T>): Promise<Outcome<T>> {
    const { service, key, signal } = write
    const name = { service: account === undefined ? service : `${service} (${account})`, key }
    const claim = randomUUID()
    const { fingerprint, input } = local
    const { repeatableForMs = 0 } = write
    let found: ClaimOutcome
    try {
      signal?.throwIfAborted()
      found = await claimed(name, write, { fingerprint, claim, input, underWayMs, repeatableForMs })
    } catch (error) {
      // A claim whose answer was lost may be there; nothing was made under it, but where it may be repeated perhaps before.
      if (isHarmless(error)) locals.delete(id)
      else await noted(id, local, name, claim, { state: repeatableForMs > 0 ? 'unconfirmed' : 'free' })
      return { failed: isAway(error) ? memoryAway(service, error) : error, wasTried: false }
    }
    if (found.state !== 'ours') {
      locals.delete(id)
      if (found.state === 'made') return { made: found.result as T }
      return { failed: found.state === 'reused' ? keyReused() : unconfirmed(service), wasTried: false }
    }
    try {
      const made = await work()
      await noted(id, local, name, claim, { state: 'made', result: made })
      return { made }
    } catch (error) {
      const harmless = isHarmless(error)
      // Of one that is made again, nobody knows more than before.
      await noted(id, local, name, claim, { state: harmless && !found.isRepeated ? 'free' : 'unconfirmed' })
      return { failed: harmless && found.isRepeated ? unconfirmed(service, error) : error, wasTried: true }
    }
  }

  return {
    async once<T>(write: OutsideWrite, work: () => Promise<T>): Promise<T> {
      checkKey(write.key)
      const id = `${write.service}\n${write.key}`
      const text = JSON.stringify(write.input) ?? ''
      const fingerprint = createHash('sha256').update(text).digest('hex')
      for (let local = locals.get(id); local !== undefined; local = locals.get(id)) {
        const found = await shared(local, write, fingerprint)
        if (found !== undefined) return found.made as T
      }
      const begun = Promise.withResolvers<Outcome<T>>()
      const input = text.slice(0, MOST_INPUT).toWellFormed()
      const local: Local = { fingerprint, input, outcome: begun.promise }
      locals.set(id, local)
      const ended = make(id, local, write, work)
      begun.resolve(ended)
      // Who leaves does not wait for what is noted; it is noted all the same.
      const outcome = await untilAborted(ended, write.signal)
      if ('made' in outcome) return outcome.made
      throw outcome.failed
    },
    unconfirmed: ({ limit = 100 } = {}) => inStore((transaction) => listUnconfirmed(transaction, limit, underWayMs)),
    async settle(settlement) {
      checkKey(settlement.key)
      await inStore((transaction) => settle(transaction, settlement, underWayMs))
    },
    async close() {
      stopping.abort()
      await Promise.all(notes)
    },
  }
}

/** Whether it certainly has had no effect. */
function isHarmless(error: unknown): error is HoldfastError {
  return HoldfastError.isInstance(error) && !error.mayHaveTakenEffect
}

function isRefusal(error: unknown): boolean {
  return HoldfastError.isInstance(error) && (error.category === 'client' || error.category === 'validation')
}

function isAway(error: unknown): error is HoldfastError {
  return HoldfastError.isInstance(error) && !isRefusal(error)
}
