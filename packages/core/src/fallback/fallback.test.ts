import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, recordEvents } from '../testing/index.ts'
import { fallback } from './fallback.ts'
import type { FallbackStep } from './options.ts'

const failing = (name: string, status: number): FallbackStep<string> => ({
  name,
  run: () => Promise.reject(Object.assign(new Error('no'), { status })),
})

const serving = (name: string): FallbackStep<string> => ({ name, run: () => name })

describe('a fallback', () => {
  it('is served by its first step when that works, and is not degraded then', async () => {
    const outcome = await fallback([serving('live'), failing('never', 500)])
    expect(outcome).toMatchObject({ value: 'live', servedBy: 'live', degraded: false, failures: [] })
  })

  it('goes on to the next step, and says what failed before', async () => {
    const outcome = await fallback([failing('live', 503), failing('mirror', 500), serving('cached')])
    expect(outcome).toMatchObject({
      value: 'cached',
      servedBy: 'cached',
      degraded: true,
      failures: [
        { step: 'live', error: { code: 'HTTP_503' } },
        { step: 'mirror', error: { code: 'HTTP_500' } },
      ],
    })
  })

  it('tells a step what failed before it', async () => {
    const outcome = await fallback<string>([
      failing('live', 503),
      { name: 'offline', run: ({ failures }) => failures.map(({ step, error }) => `${step}: ${error.code}`).join() },
    ])
    expect(outcome.value).toBe('live: HTTP_503')
  })

  it('does not go on after an error that another step does not mend, unless a step says it does', async () => {
    await expect(fallback([failing('live', 400), serving('mirror')])).rejects.toMatchObject({ code: 'HTTP_400' })
    const outcome = await fallback([
      failing('live', 400),
      serving('mirror'),
      { ...serving('repair'), when: ['client'] },
    ])
    expect(outcome).toMatchObject({ servedBy: 'repair', degraded: true })
    const asked = await fallback([failing('live', 418), { ...serving('tea'), when: (error) => error.status === 418 }])
    expect(asked.servedBy).toBe('tea')
  })

  it('cuts a step at the end of its time slice, and swallows what it gives later (B25)', async () => {
    const clock = fakeClock()
    const late: FallbackStep<string> = {
      name: 'late',
      timeoutMs: 100,
      run: async () => {
        await clock.sleep(500)
        throw new Error('late')
      },
    }
    let calls = 0
    const counted: FallbackStep<string> = { name: 'cached', run: () => `served ${(calls += 1)} time` }
    const call = fallback([late, counted], { clock })
    await clock.advance(100)
    expect(await call).toMatchObject({
      value: 'served 1 time',
      durationMs: 100,
      failures: [{ step: 'late', durationMs: 100, error: { code: 'ATTEMPT_TIMEOUT', category: 'timeout' } }],
    })
    await clock.advance(1_000)
    expect(calls).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('aborts the signal of a step whose time is over', async () => {
    const clock = fakeClock()
    let signal: AbortSignal | undefined
    const call = fallback<string>(
      [
        {
          name: 'hanging',
          timeoutMs: 100,
          run: (context) => {
            signal = context.signal
            return new Promise(() => undefined)
          },
        },
        serving('cached'),
      ],
      { clock },
    )
    await clock.advance(100)
    await call
    expect(signal?.reason).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
  })

  it('holds all steps within one deadline', async () => {
    const clock = fakeClock()
    const hanging = (name: string): FallbackStep<string> => ({
      name,
      timeoutMs: 700,
      run: () => new Promise(() => undefined),
    })
    const call = fallback([hanging('a'), hanging('b'), serving('c')], { clock, deadlineMs: 1_000 })
    const error = call.catch((reason: unknown) => reason)
    await clock.advance(1_000)
    expect(await error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      category: 'timeout',
      cause: { code: 'ATTEMPT_TIMEOUT' },
    })
  })

  it('is exhausted when every step failed, and remembers whether something may have been done', async () => {
    const error = fallback([failing('live', 503), failing('mirror', 429)])
    await expect(error).rejects.toMatchObject({
      code: 'EXHAUSTED',
      category: 'exhausted',
      message: 'no step gave a value; tried live (HTTP_503), mirror (HTTP_429)',
      mayHaveTakenEffect: true,
      cause: { code: 'HTTP_429' },
    })
    await expect(fallback([failing('live', 429), failing('mirror', 429)])).rejects.toMatchObject({
      mayHaveTakenEffect: false,
    })
  })

  it("ends at the caller's abort with its reason, at once, and asks nobody else", async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    let asked = false
    const steps: FallbackStep<string>[] = [
      { name: 'hanging', run: () => new Promise(() => undefined) },
      { name: 'next', run: () => ((asked = true), 'next') },
    ]
    const call = fallback(steps, { clock, signal: controller.signal })
    controller.abort('gone')
    await expect(call).rejects.toBe('gone')
    await expect(fallback(steps, { signal: controller.signal })).rejects.toBe('gone')
    expect(asked).toBe(false)
    expect(clock.pending).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('takes steps that throw or give a value without a promise (B18)', async () => {
    const outcome = await fallback<number | undefined>([
      {
        name: 'throwing',
        run: () => {
          throw new HoldfastError({ code: 'X', category: 'server', message: 'x', retryable: true })
        },
      },
      { name: 'nothing', run: () => undefined },
    ])
    expect(outcome).toMatchObject({ value: undefined, servedBy: 'nothing' })
  })

  it.each([
    [[], {}, 'fallback.steps must be at least one step, but is an instance of Array'],
    [[serving('Live')], {}, /fallback\.steps\[0\]\.name/],
    [[{ ...serving('live'), timeoutMs: 0 }], {}, /fallback\.steps\[0\]\.timeoutMs/],
    [
      [serving('live'), { ...serving('last'), when: ['timeout', 'overload'] as never }],
      {},
      /^fallback\.steps\[1\]\.when\[1\] must be 'timeout' or .*, but is 'overload'$/,
    ],
    [[serving('live')], { labels: 'acme' as never }, "fallback.labels must be an object, but is 'acme'"],
    [[serving('live')], { deadlineMs: 0 }, /fallback\.deadlineMs/],
  ])('refuses wrong options', async (steps, options, message) => {
    await expect(fallback(steps, options)).rejects.toThrow(message)
  })

  it('takes a condition that throws for a failure of its step, and goes on', async () => {
    const broken: FallbackStep<string> = {
      ...serving('broken'),
      when: () => {
        throw new Error('the condition')
      },
    }
    const steps = [failing('live', 503), broken]
    await expect(fallback([...steps, serving('last')])).resolves.toMatchObject({
      value: 'last',
      failures: [{ step: 'live' }, { step: 'broken', error: { code: 'UNKNOWN' } }],
    })
    await expect(fallback(steps)).rejects.toMatchObject({ code: 'EXHAUSTED' })
  })

  it('reports labels, and nothing else that came with them', async () => {
    const events = createEvents<CoreEvent>()
    const record = recordEvents(events)
    const store = { tenant: 'acme', apiKey: 'sk-live-123' }
    await fallback([failing('live', 503), serving('cached')], { events, labels: store })
    expect(record.of('fallback-served')).toMatchObject([{ tenant: 'acme' }])
    expect(JSON.stringify(record.all)).not.toContain('sk-live-123')
  })

  it('gives a caller that aborts in any moment around a failing step its own reason', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const clock = fakeClock()
      const controller = new AbortController()
      const steps = [
        { name: 'fails', run: () => Promise.reject(new Error('down')) },
        { name: 'hangs', run: () => new Promise<never>(() => undefined) },
      ]
      const gone = expect(fallback(steps, { clock, signal: controller.signal }), `${turns} turns`).rejects.toBe('gone')
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      controller.abort('gone')
      await gone
      expect(clock.pending).toBe(0)
    }
  })
})
