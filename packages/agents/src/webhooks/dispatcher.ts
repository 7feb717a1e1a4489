import { HoldfastError, systemClock } from '@holdfast/core'
import type { Integration } from '@holdfast/core'
import { backoffOf, messageOf, outcomeOf } from './attempt.ts'
import type { WebhookSettings, WebhooksOptions } from './options.ts'
import { settle, take } from './queue.ts'
import type { Outcome, Settled, TakenMessage } from './queue.ts'
import type { Sealing } from './sealing.ts'
import { post } from './send.ts'

/** How long after its time an attempt may be noted, before another process takes it for lost. */
const LEASE_GRACE_MS = 30_000
const SETTLE_TRIES = 6
const SETTLE_PAUSE_MS = 250

/** What sends. */
export interface Dispatcher {
  /** Looks at these tenants; at all where it is not told. */
  wake(tenant?: string): void
  stop(drainMs: number): Promise<void>
}

/** Begins to send what is owed, and looks for it when it is woken, when a message was settled, and by the clock. */
export function startDispatcher(
  options: WebhooksOptions,
  settings: WebhookSettings,
  sealing: Sealing,
  integration: Integration,
): Dispatcher {
  const { store, events, clock = systemClock, random = Math.random } = options
  const stopping = new AbortController()
  const cutting = new AbortController()
  const underWay = new Set<Promise<void>>()
  /** Those to be looked at; only of those that were told. */
  const due = new Set<string>()
  let tenants: readonly string[] = []
  let isStale = true
  let woken = Promise.withResolvers<void>()
  const rouse = (): void => woken.resolve()

  function wake(tenant?: string): void {
    if (tenant === undefined) isStale = true
    else if (tenants.includes(tenant)) due.add(tenant)
    rouse()
  }

  function troubled(error: unknown): void {
    const code = HoldfastError.isInstance(error) ? error.code : 'TENANTS_UNKNOWN'
    events?.emit({ type: 'webhooks-troubled', at: clock.wallTime(), code })
  }

  async function run(): Promise<void> {
    let poll = clock.schedule(settings.pollMs, () => wake())
    while (!stopping.signal.aborted) {
      woken = Promise.withResolvers<void>()
      if (isStale) {
        isStale = false
        poll.cancel()
        poll = clock.schedule(settings.pollMs, () => wake())
        await readTenants()
      }
      await lookAround()
      const hasRoom = underWay.size < settings.concurrency
      if (!isStale && (due.size === 0 || !hasRoom) && !stopping.signal.aborted) await woken.promise
    }
    poll.cancel()
  }

  async function readTenants(): Promise<void> {
    try {
      tenants = typeof options.tenants === 'function' ? await options.tenants() : options.tenants
      for (const tenant of tenants) due.add(tenant)
    } catch (error) {
      troubled(error)
    }
  }

  async function lookAround(): Promise<void> {
    // As it is now: what is added meanwhile is for the next round, before which the tenants may be read again.
    const round = [...due]
    for (const tenant of round) {
      const room = settings.concurrency - underWay.size
      if (room <= 0 || stopping.signal.aborted) return
      due.delete(tenant)
      try {
        await lookAt(tenant, room)
      } catch (error) {
        troubled(error)
      }
    }
  }

  async function lookAt(tenant: string, room: number): Promise<void> {
    const wanted = {
      room,
      perWebhook: settings.concurrencyPerWebhook,
      leaseMs: settings.attemptTimeoutMs + LEASE_GRACE_MS,
    }
    const { messages, isMore } = await store.asWorker(tenant, (transaction) => take(transaction, wanted))
    if (isMore) due.add(tenant)
    for (const message of messages) {
      const sending: Promise<void> = deliver(tenant, message).finally(() => {
        underWay.delete(sending)
        wake(tenant)
      })
      underWay.add(sending)
    }
  }

  async function deliver(tenant: string, message: TakenMessage): Promise<void> {
    const begun = clock.now()
    const outcome = await attempt(tenant, message)
    const settled = await noted(tenant, message, outcome)
    report(tenant, message, outcome, settled, clock.now() - begun)
  }

  async function attempt(tenant: string, message: TakenMessage): Promise<Outcome> {
    try {
      const ready = messageOf(tenant, message, sealing, clock.wallTime(), settings.maxBodyBytes)
      if (ready === undefined) return { type: 'hopeless', code: 'MESSAGE_TOO_LARGE' }
      const status = await integration.call(
        async ({ signal }) => {
          const { status: answered, retryAfter } = await post(ready, settings, signal)
          if (answered < 200 || answered > 299) throw refusal(answered, retryAfter)
          return answered
        },
        { tenant, operation: 'send', idempotent: false, signal: cutting.signal },
      )
      return status > 0 ? { type: 'delivered' } : { type: 'released' }
    } catch (error) {
      if (cutting.signal.aborted) return { type: 'released' }
      return outcomeOf(error, backoffOf(message.attempt, settings, random), settings.maxBackoffMs)
    }
  }

  /** A message of which this is not noted is sent again when its lease is over. */
  async function noted(tenant: string, message: TakenMessage, outcome: Outcome): Promise<Settled | undefined> {
    for (let tries = 1; tries <= SETTLE_TRIES; tries++) {
      try {
        return await store.asWorker(tenant, (transaction) =>
          settle(transaction, message, outcome, settings.giveUpAfterMs),
        )
      } catch (error) {
        troubled(error)
        if (stopping.signal.aborted) return undefined
        await clock.sleep(SETTLE_PAUSE_MS * 2 ** tries, stopping.signal).catch(() => undefined)
      }
    }
    return undefined
  }

  function report(
    tenant: string,
    message: TakenMessage,
    outcome: Outcome,
    settled: Settled | undefined,
    durationMs: number,
  ): void {
    const { webhook, topic, seq, attempt: number } = message
    const about = { at: clock.wallTime(), tenant, webhook, topic, seq, attempt: number, durationMs }
    if (outcome.type === 'delivered') events?.emit({ type: 'webhook-delivered', ...about })
    else if (outcome.type !== 'released') {
      const became = settled === undefined || settled === 'done' ? 'retried' : settled
      events?.emit({ type: 'webhook-failed', ...about, code: outcome.code, outcome: became })
    }
  }

  const running = run()
  return {
    wake,
    async stop(drainMs) {
      stopping.abort()
      rouse()
      await running
      const drained = new AbortController()
      const cut = clock
        .sleep(drainMs, drained.signal)
        .then(() => cutting.abort())
        .catch(() => undefined)
      await Promise.all(underWay)
      drained.abort()
      await cut
    },
  }
}

/** What the rules of core read. */
function refusal(status: number, retryAfter: string | undefined): Error {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  return Object.assign(new Error('The receiver has refused it'), { status, headers })
}
