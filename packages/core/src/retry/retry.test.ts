import { describe, expect, it } from 'vitest'
import type { ErrorCategory } from '../errors/category.ts'
import { CATEGORY_RULES } from '../errors/category-rules.ts'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { toHoldfastError } from '../errors/to-holdfast-error.ts'
import type { Clock } from '../clock/clock.ts'
import { fakeClock, scriptedOperation, seededRandom } from '../testing/index.ts'
import { RETRY_PRESETS } from './presets.ts'
import { createRetry, type RetryConfiguration } from './retry.ts'

function setUp(options: RetryConfiguration = {}) {
  const clock = fakeClock()
  const retry = createRetry({ clock, random: () => 0.5, jitter: 'none', ...options })
  const fails = (...errors: unknown[]) =>
    scriptedOperation(
      clock,
      errors.map((error) => ({ error })),
    )
  return { clock, retry, fails }
}

async function swallowed(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch {
    // Only the attempts count.
  }
}

describe('a retry on its own', () => {
  it('tries again until it works, and tells each attempt its number', async () => {
    const { clock, retry } = setUp()
    const operation = scriptedOperation(clock, [{ error: new Error('1') }, { error: new Error('2') }, { value: 'yes' }])
    const call = retry.execute(operation)
    await clock.advance(600)
    await expect(call).resolves.toBe('yes')
    expect(operation.attempts.map(({ attempt, at }) => [attempt, at])).toEqual([
      [1, 0],
      [2, 200],
      [3, 600],
    ])
  })

  it('gives up after maxRetries, and throws what the last attempt threw, as it is', async () => {
    const { clock, retry } = setUp({ maxRetries: 2 })
    const errors = [1, 2, 3].map((number) => new Error(String(number)))
    const operation = scriptedOperation(
      clock,
      errors.map((error) => ({ error })),
    )
    const call = retry.execute(operation).catch((reason: unknown) => reason)
    await clock.advance(10_000)
    expect(await call).toBe(errors[2])
    expect(operation.attempts).toHaveLength(3)
  })

  it('aborts in a wait at once, with the caller’s reason, and calls nothing any more (B1)', async () => {
    const { clock, retry, fails } = setUp({ backoffMs: 400 })
    const controller = new AbortController()
    const operation = fails(new Error('no'))
    const call = retry.execute(operation, { signal: controller.signal }).catch((reason: unknown) => reason)
    await clock.advance(50)
    const reason = { why: 'left' }
    controller.abort(reason)
    expect(await call).toBe(reason)
    expect(clock.pending).toBe(0)
    await clock.advance(10_000)
    expect(operation.attempts).toHaveLength(1)
  })

  it('aborts in an attempt at once, also one that does not heed its signal', async () => {
    const { clock, retry } = setUp()
    const controller = new AbortController()
    const operation = scriptedOperation(clock, [{ hangs: true, ignoresSignal: true }])
    const call = retry.execute(operation, { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('left')
    expect(await call).toBe('left')
    await expect(retry.execute(operation, { signal: controller.signal })).rejects.toBe('left')
    expect(operation.attempts).toHaveLength(1)
  })

  it.each([
    [{ retryable: false }, 1],
    [{ isRetryable: false }, 1],
    [{ status: 404 }, 1],
    [{ statusCode: 422 }, 1],
    [{ status: 429 }, 3],
    [{ status: 408 }, 3],
    [{ status: 503 }, 3],
    [new Error('who knows'), 3],
    ['a string', 3],
    [undefined, 3],
  ])('reads from an error whether to try again: %j is tried %i times', async (error, attempts) => {
    const { clock, retry, fails } = setUp()
    const operation = fails(error)
    const ended = swallowed(retry.execute(operation))
    await clock.advance(10_000)
    await ended
    expect(operation.attempts).toHaveLength(attempts)
  })

  it('reads codes and headers too where it was given the way to', async () => {
    const { clock, retry } = setUp({ classify: toHoldfastError })
    const limited = { status: 429, headers: { 'retry-after': '30' } }
    const operation = scriptedOperation(clock, [{ error: limited }, { value: 'yes' }])
    const call = retry.execute(operation)
    await clock.advance(29_999)
    expect(operation.attempts).toHaveLength(1)
    await clock.advance(3_001)
    await expect(call).resolves.toBe('yes')
  })

  it('reads what an error says in a getter, too', async () => {
    class Limited extends Error {
      get retryAfterMs(): number {
        return 5_000
      }
    }
    const { clock, retry } = setUp()
    const operation = scriptedOperation(clock, [{ error: new Limited() }, { value: 'yes' }])
    const call = retry.execute(operation)
    await clock.advance(4_999)
    expect(operation.attempts).toHaveLength(1)
    await clock.advance(1_000)
    await expect(call).resolves.toBe('yes')
    const final = scriptedOperation(clock, [{ error: Object.create({ category: 'rejected' }) }])
    await swallowed(retry.execute(final))
    expect(final.attempts).toHaveLength(1)
  })

  it.each([
    ['classify', { classify: () => JSON.parse('{') }],
    ['classify', { classify: () => undefined as never }],
    ['when', { when: () => JSON.parse('{') }],
  ] satisfies [string, RetryConfiguration][])('throws the failure, not what %s throws over it', async (_, options) => {
    const { retry, fails } = setUp(options)
    const error = new Error('down')
    await expect(retry.execute(fails(error))).rejects.toBe(error)
  })

  it('is left to the categories, or the function, that `when` names', async () => {
    const error = new HoldfastError({ code: 'X', category: 'server', message: 'x', retryable: true })
    for (const [when, attempts] of [
      [['timeout'], 1],
      [['server'], 3],
      [() => false, 1],
      [() => true, 3],
    ] as const) {
      const { clock, retry, fails } = setUp({ when })
      const operation = fails(error)
      const call = retry.execute(operation).catch(() => undefined)
      await clock.advance(10_000)
      await call
      expect(operation.attempts).toHaveLength(attempts)
    }
  })

  it('does not try again what a policy refused, nor what is not idempotent and may have taken effect', async () => {
    const { clock, retry, fails } = setUp()
    const refused = new HoldfastError({ code: 'CIRCUIT_OPEN', category: 'rejected', message: 'x', retryable: true })
    const first = fails(refused)
    await retry.execute(first).catch(() => undefined)
    expect(first.attempts).toHaveLength(1)
    const second = fails({ status: 503 })
    await retry.execute(second, { idempotent: false }).catch(() => undefined)
    expect(second.attempts).toHaveLength(1)
    const third = fails({ retryable: true, mayHaveTakenEffect: false })
    const call = retry.execute(third, { idempotent: false }).catch(() => undefined)
    await clock.advance(10_000)
    await call
    expect(third.attempts).toHaveLength(3)
  })

  it('makes no attempt when its caller left, or its time ran out, as a wait ended (B1)', async () => {
    const ends = fakeClock()
    const controller = new AbortController()
    for (const [late, expected] of [
      [() => controller.abort('left'), 'left'],
      [() => ends.advance(1_000), 'down'],
    ] as const) {
      const clock: Clock = {
        now: () => ends.now(),
        wallTime: () => ends.wallTime(),
        schedule: (ms, callback) => ends.schedule(ms, callback),
        sleep: async () => {
          await late()
        },
      }
      const { retry } = setUp({ clock, deadlineMs: 1_000 })
      const operation = scriptedOperation(ends, [{ error: 'down' }])
      const { signal } = controller
      await expect(retry.execute(operation, signal.aborted ? {} : { signal })).rejects.toBe(expected)
      expect(operation.attempts).toHaveLength(1)
    }
  })

  it('begins no attempt after its deadline, and does not wait for one', async () => {
    const { clock, retry, fails } = setUp({ deadlineMs: 1_000, maxRetries: 2, backoffMs: 300 })
    const operation = scriptedOperation(clock, [{ error: new Error('slow'), afterMs: 450 }])
    const call = retry.execute(operation).catch(() => clock.now())
    await clock.advance(10_000)
    // 450 + 300 + 450: a second wait of 600 would end after the deadline.
    expect(await call).toBe(1_200)
    expect(operation.attempts.map(({ timeLeftMs }) => timeLeftMs)).toEqual([1_000, 250])
    expect(fails(1)).toBeDefined()
  })

  it('keeps all its calls within one budget: 1,000 failing calls are made at most 1.2 times', async () => {
    const { clock, retry } = setUp({ maxRetries: 3, backoffMs: 10, jitter: 'full', random: seededRandom(4) })
    let attempts = 0
    const calls = Array.from({ length: 1_000 }, async () => {
      await retry
        .execute(() => {
          attempts += 1
          throw new Error('down')
        })
        .catch(() => undefined)
    })
    await clock.advance(1_000)
    await Promise.all(calls)
    expect(attempts).toBeGreaterThan(1_100)
    expect(attempts).toBeLessThanOrEqual(1_210)
  })

  it('takes functions that throw at once, give a plain value or nothing (B18)', async () => {
    const { retry } = setUp({ maxRetries: 0 })
    await expect(retry.execute(() => 1)).resolves.toBe(1)
    await expect(retry.execute(() => undefined)).resolves.toBe(undefined)
    await expect(
      retry.execute(() => {
        throw new TypeError('at once')
      }),
    ).rejects.toThrow('at once')
  })

  it('leaves nothing on a signal that many calls share (B23)', async () => {
    const { retry } = setUp()
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    for (let call = 0; call < 1_000; call++) await retry.execute(async () => call, { signal })
    expect(listeners).toBe(0)
  })
})

describe('the presets', () => {
  it.each([
    ['AGGRESSIVE', [0, 500, 1_500, 3_500, 7_500]],
    ['STANDARD', [0, 1_000, 3_000]],
    ['CONSERVATIVE', [0, 2_000]],
    ['PERSISTENT', [0, 1_000, 3_000, 7_000, 15_000, 25_000, 35_000]],
  ] as const)('%s makes its attempts at %j', async (name, expected) => {
    const { clock, retry, fails } = setUp(RETRY_PRESETS[name])
    const operation = fails(new Error('no'))
    const call = retry.execute(operation).catch(() => undefined)
    await clock.advance(100_000)
    await call
    expect(operation.attempts.map(({ at }) => at)).toEqual(expected)
  })

  it('are refused where the deadline has no room for their waits', () => {
    expect(() => createRetry({ ...RETRY_PRESETS.AGGRESSIVE, deadlineMs: 3_000 })).toThrow(
      'retry.maxRetries must be such that waits of up to 7500 ms in all end before the deadline of 3000 ms, but is 4',
    )
    expect(() => createRetry({ ...RETRY_PRESETS.CONSERVATIVE, deadlineMs: 3_000 })).not.toThrow()
    expect(() => createRetry({ ...RETRY_PRESETS.PERSISTENT, deadlineMs: 35_000 })).toThrow(/35000 ms/)
  })
})

describe('the options of a retry', () => {
  it.each([
    [{ maxRetries: -1 }, /maxRetries must be a whole number from 0 to 100/],
    [{ jitter: 'some' }, /jitter must be 'none' or 'full'/],
    [{ when: 'always' }, /when must be a list of error categories, or a function/],
    [{ deadlineMs: 0 }, /deadlineMs must be/],
    [{ classify: 1 }, /classify must be a function/],
    [{ maxAttempts: 3 }, /maxAttempts is not an option; the options are maxRetries.*classify, clock, random/],
    [{ when: ['timeouts'] }, /^retry\.when\[0\] must be 'timeout' or .*, but is 'timeouts'$/],
    [{ when: ['timeout', 5] }, /^retry\.when\[1\] must be .* or 'unknown', but is 5$/],
    [
      { clock: { now: () => 0 } },
      /clock must be an object with now, wallTime, sleep, schedule, but is an instance of Object/,
    ],
    [{ clock: null }, /clock must be/],
    [{ random: 0.5 }, /random must be a function, but is 0.5/],
    [null, /retry must be an object of options, but is null/],
  ])('are refused when they cannot be used: %j', (options, message) => {
    expect(() => createRetry(options as never)).toThrow(message)
  })

  it('are not all there is to be wrong: what cannot be called is refused, and nothing is spent on it', async () => {
    const retry = createRetry({ clock: fakeClock() })
    const call = retry.execute(Promise.resolve(1) as never, { signal: undefined, idempotent: undefined })
    await expect(call).rejects.toThrow('operation must be a function, but is an instance of Promise')
  })

  it('may name each category there is', () => {
    for (const category of Object.keys(CATEGORY_RULES)) {
      expect(() => createRetry({ when: [category as ErrorCategory] })).not.toThrow()
    }
    expect(() => createRetry({ when: [] })).not.toThrow()
  })
})
