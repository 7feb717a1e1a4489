import { HoldfastError, systemClock } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import type { Store } from '@holdfast/store/database'
import { checkName, invalid, wholeFrom } from '../mcp/shared/invalid.ts'
import { hint, untilWoken } from '../waiting/until-woken.ts'
import type { Waiter } from '../waiting/until-woken.ts'
import { note, putBack, settle, take } from './owed.ts'
import type { OwedEvent, TakenEvent } from './owed.ts'

export type { OwedEvent } from './owed.ts'

/** Who is told of what. */
export interface SubscribeOptions {
  readonly store: Pick<Store, 'asWorker' | 'onEvents'>
  /** The same in each process that does the same: an event is told to one of them. 1 to 60 lower-case letters, digits and `-`. */
  readonly name: string
  /** Names of events. Up to 100; none: whatever is owed under this name is forgotten. */
  readonly events: readonly string[]
  /** Whose events. */
  readonly tenants: readonly string[]
  /** Is told an event, at least once; two calls with one `id` must come to the same. What it throws has it told again later. */
  readonly handle: (tenant: string, event: OwedEvent) => Promise<unknown>
  /** Hears what `handle` throws, and of an event that is given up (`isGivenUp`), and of the store's trouble. Default: nobody. */
  readonly onTrouble?: ((error: unknown, event?: OwedEvent, isGivenUp?: boolean) => void) | undefined
  /** How often it looks by itself, in ms: the wake-up is a hint and may be lost. 100 to 600,000. Default: 5,000. */
  readonly pollMs?: number | undefined
  /** How long an event that was taken is nobody else's, in ms: longer than a batch takes. 1,000 to 3,600,000. Default: 60,000. */
  readonly leaseMs?: number | undefined
  /** Events that are taken at once. 1 to 1,000. Default: 20. */
  readonly batchSize?: number | undefined
  /** How often an event is told before it is given up. 1 to 1,000. Default: 20. */
  readonly maxAttempts?: number | undefined
  /** Before it is told again, in ms; it doubles. 0 to 3,600,000. Default: 1,000. */
  readonly backoffMs?: number | undefined
  /** The longest such wait, in ms. 0 to 86,400,000. Default: 3,600,000. */
  readonly maxBackoffMs?: number | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}

type Numbers = 'pollMs' | 'leaseMs' | 'batchSize' | 'maxAttempts' | 'backoffMs' | 'maxBackoffMs'

/** What {@link SubscribeOptions} fall back to. */
export const SUBSCRIPTION_DEFAULTS: Readonly<Record<Numbers, number>> = Object.freeze({
  pollMs: 5_000,
  leaseMs: 60_000,
  batchSize: 20,
  maxAttempts: 20,
  backoffMs: 1_000,
  maxBackoffMs: 3_600_000,
})

const RANGES: Readonly<Record<Numbers, readonly [number, number]>> = {
  pollMs: [100, 600_000],
  leaseMs: [1_000, 3_600_000],
  batchSize: [1, 1_000],
  maxAttempts: [1, 1_000],
  backoffMs: [0, 3_600_000],
  maxBackoffMs: [0, 86_400_000],
}

/** Somebody who is told. */
export interface Subscription {
  /** Ends it, once the event under way is told. What is owed is told later, or by another process. */
  stop(): Promise<void>
}

/**
 * Tells of events, from the first that comes after the name was first subscribed: each at least once, however long nobody was there. Those of a topic come in their order, but for one that is told again.
 * @throws HoldfastError `INVALID_OPTION`; of the store, when it cannot be noted who is to be told
 */
export async function subscribe(options: SubscribeOptions): Promise<Subscription> {
  const { store, tenants, events, handle, onTrouble, clock = systemClock } = options
  const name = checkName('name', options.name)
  if (events.length > 100) throw invalid('events', 'a list of up to 100 names', `a list of ${events.length}`)
  const settings = settingsOf(options)
  for (const tenant of tenants) await store.asWorker(tenant, (transaction) => note(transaction, name, events))
  if (events.length === 0) return { stop: () => Promise.resolve() }

  const stopping = new AbortController()
  const waiter: Waiter = { isHinted: false, wake: undefined }
  const due = new Set<string>()
  const trouble = (error: unknown, event?: OwedEvent, isGivenUp?: boolean): void => {
    try {
      onTrouble?.(error, event, isGivenUp)
    } catch {
      // A listener's trouble is its own.
    }
  }
  const endHints = await store
    .onEvents((told) => {
      for (const tenant of told === undefined ? tenants : [told.tenant]) if (tenants.includes(tenant)) due.add(tenant)
      if (due.size > 0) hint(waiter)
    })
    // Without hints it looks by itself.
    .catch(() => () => Promise.resolve())

  async function tell(tenant: string, event: TakenEvent): Promise<void> {
    const { lease: _, attempt, ...owed } = event
    try {
      await handle(tenant, owed)
    } catch (error) {
      const isGivenUp = attempt >= settings.maxAttempts || isHopeless(error)
      trouble(error, owed, isGivenUp)
      const inMs = Math.min(settings.backoffMs * 2 ** (attempt - 1), settings.maxBackoffMs)
      if (!isGivenUp) return store.asWorker(tenant, (transaction) => putBack(transaction, name, event, { inMs }))
    }
    await store.asWorker(tenant, (transaction) => settle(transaction, name, event))
  }

  /** @returns whether there may be more. */
  async function lookAt(tenant: string): Promise<boolean> {
    const { batchSize: room, leaseMs } = settings
    const taken = await store.asWorker(tenant, (transaction) => take(transaction, name, { room, leaseMs }))
    for (const event of taken) {
      if (stopping.signal.aborted)
        await store.asWorker(tenant, (transaction) => putBack(transaction, name, event, { inMs: 0, isUntold: true }))
      else await tell(tenant, event)
    }
    return taken.length === room
  }

  async function run(): Promise<void> {
    let allAt = clock.now()
    while (!stopping.signal.aborted) {
      waiter.isHinted = false
      // Of what is to be told again nobody gives a hint, however many there are of others.
      if (clock.now() >= allAt) {
        for (const tenant of tenants) due.add(tenant)
        allAt = clock.now() + settings.pollMs
      }
      const round = [...due]
      due.clear()
      for (const tenant of round) {
        try {
          if (await lookAt(tenant)) due.add(tenant)
        } catch (error) {
          trouble(error)
        }
      }
      if (due.size > 0 || waiter.isHinted || stopping.signal.aborted) continue
      await untilWoken(clock, waiter, Math.max(0, allAt - clock.now()), stopping.signal).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await endHints()
      await running
    },
  }
}

/** What is wrong with the event itself is wrong the next time too. */
function isHopeless(error: unknown): boolean {
  return HoldfastError.isInstance(error) && error.category === 'validation'
}

function settingsOf(options: SubscribeOptions): Readonly<Record<Numbers, number>> {
  const entries = (Object.keys(RANGES) as Numbers[]).map((name) => {
    const [least, most] = RANGES[name]
    return [name, wholeFrom(name, options[name] ?? SUBSCRIPTION_DEFAULTS[name], least, most)] as const
  })
  return Object.fromEntries(entries) as Record<Numbers, number>
}
