import { createEvents, createIntegration, HoldfastError } from '@holdfast/core'
import type { ErrorCategory, IntegrationOptions } from '@holdfast/core'
import { type FakeClock, recordEvents } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import type { MemoryFiles } from '../../test/memory-files.ts'
import { type Opened, open, ticket, waiting } from '../../test/open.ts'
import { createDelivery, idempotencyKeyOf } from './index.ts'
import type { Delivery, DeliveryEvent, DeliveryOptions, Send } from './index.ts'

interface Setting extends Opened {
  readonly delivery: Delivery
  /** What was sent, in order. */
  readonly sent: { readonly key: string; readonly idempotencyKey: string; readonly at: number }[]
  readonly reported: ReturnType<typeof recordEvents<DeliveryEvent>>
}

type Receiver = (key: string, signal: AbortSignal, clock: FakeClock) => Promise<unknown>

const confirms: Receiver = () => Promise.resolve()

function fails(category: ErrorCategory, more: Partial<ConstructorParameters<typeof HoldfastError>[0]> = {}): Receiver {
  return () => Promise.reject(new HoldfastError({ code: 'HTTP', category, message: 'no', retryable: false, ...more }))
}

interface Options extends Partial<DeliveryOptions> {
  readonly receiver?: Receiver
  readonly files?: MemoryFiles
  readonly keys?: readonly string[]
  readonly guard?: Partial<IntegrationOptions>
}

async function start({ receiver = confirms, files, keys = [], guard, ...more }: Options = {}): Promise<Setting> {
  const opened = await open(files)
  const { clock, journal } = opened
  for (const key of keys) await journal.append(ticket(key))
  const channel = createEvents<DeliveryEvent>()
  const reported = recordEvents(channel)
  const sent: Setting['sent'] = []
  const send: Send = ({ key }, { signal, idempotencyKey }) => {
    sent.push({ key, idempotencyKey, at: clock.now() })
    return receiver(key, signal, clock)
  }
  const integration = createIntegration({
    name: 'on-call',
    clock,
    retry: { maxRetries: 0 },
    breaker: false,
    random: () => 0.5,
    ...guard,
  })
  const delivery = createDelivery({ journal, integration, send, clock, events: channel, random: () => 1, ...more })
  await clock.settle()
  return { ...opened, delivery, sent, reported }
}

const keysOf = ({ sent }: Setting): string[] => sent.map(({ key }) => key)

describe('a delivery', () => {
  it('sends what it finds in order, once, and marks it', async () => {
    const setting = await start({ keys: ['a', 'b', 'c'] })
    expect(keysOf(setting)).toEqual(['a', 'b', 'c'])
    expect(await waiting(setting.journal)).toEqual([])
    expect(setting.delivery.snapshot()).toMatchObject({ state: 'idle', undelivered: 0, givenUp: 0 })
    expect(setting.reported.types).toEqual(['delivery-succeeded', 'delivery-succeeded', 'delivery-succeeded'])
    expect(setting.clock.pending).toBe(0)
  })

  it('sends what comes later when it is woken, also while it is sending', async () => {
    let confirm = (): void => undefined
    const receiver: Receiver = () => new Promise<void>((resolve) => (confirm = resolve))
    const setting = await start({ keys: ['a'], receiver })
    await setting.journal.append(ticket('b'))
    setting.delivery.wake()
    confirm()
    await setting.clock.settle()
    expect(keysOf(setting)).toEqual(['a', 'b'])
    confirm()
    await setting.clock.settle()
    expect(await waiting(setting.journal)).toEqual([])
  })

  it('sends a record whose mark did not reach the disk again after a restart, under the same key', async () => {
    const first = await start({
      keys: ['a', 'b'],
      receiver: (key) => (key === 'b' ? new Promise(() => undefined) : Promise.resolve()),
    })
    expect(keysOf(first)).toEqual(['a', 'b'])
    const second = await start({ files: first.files.afterKill() })
    expect(keysOf(second)).toEqual(['b'])
    expect(second.sent[0]?.idempotencyKey).toBe(first.sent[1]?.idempotencyKey)
    expect(second.sent[0]?.idempotencyKey).toMatch(/^[\w-]{43}$/)
    expect(second.sent[0]?.idempotencyKey).not.toBe(first.sent[0]?.idempotencyKey)
  })

  it('sends again after a wait that doubles up to its longest, for as long as an outage lasts', async () => {
    const setting = await start({ keys: ['a'], receiver: fails('network'), maxRetryDelayMs: 4_000, giveUpAfterMs: 0 })
    await setting.clock.advance(1_000 + 2_000 + 4_000 + 4_000)
    expect(setting.sent.map(({ at }) => at)).toEqual([0, 1_000, 3_000, 7_000, 11_000])
    expect(setting.delivery.snapshot()).toMatchObject({
      state: 'waiting',
      undelivered: 1,
      givenUp: 0,
      lastFailure: { code: 'HTTP', category: 'network' },
    })
    expect(setting.reported.all[1]).toMatchObject({ type: 'delivery-failed', retryInMs: 2_000, category: 'network' })
  })

  it('leaves the retries within one sending to the integration', async () => {
    const setting = await start({
      keys: ['a'],
      receiver: fails('server', { retryable: true }),
      guard: { retry: { maxRetries: 2, backoffMs: 10, jitter: 'none' } },
    })
    await setting.clock.advance(100)
    expect(setting.sent).toHaveLength(3)
    expect(setting.reported.types).toEqual(['delivery-failed'])
  })

  it('does not let one record that the receiver cannot take hold up the others', async () => {
    const setting = await start({
      keys: ['bad', 'b', 'c'],
      receiver: (key, signal, clock) => (key === 'bad' ? fails('server') : confirms)(key, signal, clock),
    })
    expect(keysOf(setting)).toEqual(['bad', 'b', 'c'])
    expect(await waiting(setting.journal)).toEqual(['bad'])
  })

  it('gets to the others also when more of them are bad than it tries in a row', async () => {
    const keys = ['bad-1', 'bad-2', 'bad-3', 'bad-4', 'good']
    const setting = await start({
      keys,
      receiver: (key, signal, clock) => (key === 'good' ? confirms : fails('timeout'))(key, signal, clock),
    })
    expect(keysOf(setting)).toEqual(['bad-1', 'bad-2', 'bad-3'])
    await setting.clock.advance(1_000)
    expect(keysOf(setting).slice(3)).toEqual(['bad-4', 'good', 'bad-1', 'bad-2', 'bad-3'])
  })

  it.each<ErrorCategory>(['auth', 'rate-limit', 'overloaded', 'configuration'])(
    'does not try the others when the receiver as a whole refuses (%s)',
    async (category) => {
      const setting = await start({ keys: ['a', 'b'], receiver: fails(category) })
      expect(keysOf(setting)).toEqual(['a'])
    },
  )

  it('sends nothing while the circuit is open, and goes on when it lets calls through', async () => {
    let down = true
    const setting = await start({
      keys: ['a', 'b', 'c', 'd'],
      receiver: (key, signal, clock) => (down ? fails('network') : confirms)(key, signal, clock),
      guard: { breaker: { minimumCalls: 2, openMs: 5_000, maxOpenMs: 5_000, openJitter: 0, halfOpenSuccesses: 1 } },
    })
    expect(setting.sent).toHaveLength(2)
    down = false
    await setting.clock.advance(4_900)
    expect(setting.sent).toHaveLength(2)
    await setting.clock.advance(1_000)
    expect(await waiting(setting.journal)).toEqual([])
  })

  it('gives up what is refused as wrong for giveUpAfterMs, keeps it, and sends it again after the next start', async () => {
    const setting = await start({
      keys: ['a'],
      receiver: fails('client'),
      maxRetryDelayMs: 1_000,
      giveUpAfterMs: 2_500,
    })
    await setting.clock.advance(60_000)
    expect(setting.sent).toHaveLength(4)
    expect(setting.reported.types.at(-1)).toBe('delivery-given-up')
    expect(setting.delivery.snapshot()).toMatchObject({ state: 'idle', undelivered: 1, givenUp: 1 })
    expect(setting.clock.pending).toBe(0)
    expect(keysOf(await start({ files: setting.files.afterKill() }))).toEqual(['a'])
  })

  it('sends again when the mark could not be written', async () => {
    const setting = await start()
    await setting.journal.append(ticket('a'))
    setting.files.fail('sync', 'EIO')
    setting.delivery.wake()
    await setting.clock.advance(10_000)
    expect(setting.sent.length).toBeGreaterThan(1)
    expect(new Set(setting.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    expect(await waiting(setting.journal)).toEqual([])
  })

  it('reports no key and no data', async () => {
    const setting = await start({ keys: ['very-secret'], receiver: fails('server') })
    expect(JSON.stringify(setting.reported.all)).not.toContain('very-secret')
  })
})

describe('stopping a delivery', () => {
  it('lets what waits go out, and then sends nothing more', async () => {
    const setting = await start({ keys: ['a', 'b'], receiver: (_key, _signal, clock) => clock.sleep(500) })
    const stopped = setting.delivery.stop()
    await setting.clock.advance(1_000)
    await stopped
    expect(await waiting(setting.journal)).toEqual([])
    await setting.journal.append(ticket('c'))
    setting.delivery.wake()
    await setting.clock.advance(60_000)
    expect(keysOf(setting)).toEqual(['a', 'b'])
    expect(setting.delivery.snapshot().state).toBe('stopped')
  })

  it('aborts after stopGraceMs, and leaves what was not confirmed in the journal', async () => {
    let reason: unknown
    const receiver: Receiver = (_key, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason
          reject(signal.reason as Error)
        })
      })
    const setting = await start({ keys: ['a', 'b'], receiver, stopGraceMs: 300 })
    const stopped = setting.delivery.stop()
    await setting.clock.advance(300)
    await stopped
    expect(reason).toMatchObject({ code: 'DELIVERY_STOPPED', category: 'cancelled' })
    expect(await waiting(setting.journal)).toEqual(['a', 'b'])
    expect(setting.reported.all).toEqual([])
    await setting.journal.close()
    expect(setting.clock.pending).toBe(0)
  })

  it('ends at once while it waits', async () => {
    const setting = await start({ keys: ['a'], receiver: fails('network') })
    await setting.delivery.stop()
    expect(setting.clock.pending).toBe(0)
    await setting.delivery.stop()
  })
})

describe('the options of a delivery', () => {
  it.each([
    { name: 'Not a name' },
    { retryDelayMs: 0 },
    { retryDelayMs: 2_000, maxRetryDelayMs: 1_000 },
    { giveUpAfterMs: -1 },
    { stopGraceMs: Number.NaN },
    { send: 'x' as never },
    { journal: {} as never },
    { integration: undefined as never },
  ])('are refused when they cannot be used: %j', async (options) => {
    await expect(start(options)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

it('an idempotency key tells records of different tenants and kinds apart', () => {
  const one = { tenant: 't', kind: 'k', key: 'x' }
  const others = [
    { ...one, tenant: 'u' },
    { ...one, kind: 'l' },
    { ...one, key: 'y' },
  ]
  expect(new Set([one, ...others].map(idempotencyKeyOf)).size).toBe(4)
})
