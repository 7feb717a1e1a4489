import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { overtaken } from '../errors/overtaken.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock, type FakeClock, recordEvents } from '../testing/index.ts'
import { createIntegration } from './create-integration.ts'
import type { StreamRules } from '../engine/stream-rules.ts'
import type { IntegrationOptions } from './options.ts'

/** Chunks of these tests: `#` is metadata, `!` a failure in band, `.` the end, anything else output. */
const RULES: StreamRules<string> = {
  isOutput: (chunk) => !/^[#!.]/.test(chunk),
  failure: (chunk) => (chunk.startsWith('!') ? { type: chunk.slice(1) } : undefined),
  isEnd: (chunk) => chunk === '.',
}

type Step = string | number

/** A source that follows a script when it is pulled: a number waits so many ms, `cut` breaks the connection, `hang` never goes on. */
class Source {
  pulled = 0
  cancelledWith: unknown = 'not cancelled'
  readonly stream: ReadableStream<string>

  constructor(clock: FakeClock, steps: readonly Step[]) {
    const rest = [...steps]
    this.stream = new ReadableStream<string>(
      {
        pull: async (controller) => {
          this.pulled += 1
          for (;;) {
            const step = rest.shift()
            if (step === undefined) return controller.close()
            if (typeof step === 'number') {
              await clock.sleep(step)
              continue
            }
            if (step === 'hang') return new Promise<void>(() => undefined)
            if (step === 'cut')
              return controller.error(Object.assign(new TypeError('terminated'), { code: 'UND_ERR_SOCKET' }))
            return controller.enqueue(step)
          }
        },
        cancel: (reason) => void (this.cancelledWith = reason),
      },
      { highWaterMark: 0 },
    )
  }
}

function setUp(options: Partial<IntegrationOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents<CoreEvent>()
  const record = recordEvents(events)
  const llm = createIntegration({ name: 'llm', clock, events, random: () => 0.5, idempotent: true, ...options })
  const source = (...steps: Step[]): Source => new Source(clock, steps)
  return { clock, record, llm, source }
}

async function readAll(stream: ReadableStream<string>): Promise<string[]> {
  const chunks: string[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

/** Sets a call off and says how it ended, with time passing meanwhile. */
async function settled<T>(
  clock: FakeClock,
  ms: number,
  promise: Promise<T>,
): Promise<T | { readonly rejected: unknown }> {
  const caught = promise.catch((rejected: unknown) => ({ rejected }))
  await clock.advance(ms)
  return caught
}

describe('a stream', () => {
  it('resolves at its first output and gives every chunk once and in order, those before it too', async () => {
    const { clock, llm, source } = setUp()
    const { stream } = source('#start', 100, '#meta', 100, 'a', 'b', '.')
    let resolvedAt: number | undefined
    const call = llm.stream(() => stream, RULES).finally(() => (resolvedAt = clock.now()))
    await clock.advance(1_000)
    expect(resolvedAt).toBe(200)
    expect(await readAll(await call)).toEqual(['#start', '#meta', 'a', 'b', '.'])
  })

  it('is judged when it ends and not when it begins', async () => {
    const { llm, source, record } = setUp()
    const reader = (await llm.stream(() => source('a', 'b', '.').stream, RULES)).getReader()
    await reader.read()
    expect(record.types).toEqual(['call-started', 'attempt-started'])
    expect(llm.snapshot().window.calls).toBe(0)
    while (!(await reader.read()).done);
    expect(record.types).toEqual(['call-started', 'attempt-started', 'attempt-succeeded', 'call-succeeded'])
    expect(llm.snapshot().window.calls).toBe(1)
  })

  it('that is being answered keeps a circuit closed under failures that come sooner than the ends of answers', async () => {
    const { clock, llm, source } = setUp({ retry: false, breaker: { minimumCalls: 5, consecutiveFailures: 0 } })
    const words = Array.from({ length: 20 }, () => [500, 'word '])
      .flat()
      .concat('.')
    const reading = Array.from({ length: 14 }, async () =>
      readAll(await llm.stream(() => source(...words).stream, RULES)),
    )
    await clock.advance(1_000)
    for (let failure = 0; failure < 6; failure++) {
      await clock.advance(500)
      await llm.call(() => Promise.reject(Object.assign(new Error('busy'), { status: 503 }))).catch(() => undefined)
    }
    expect(llm.snapshot(), 'none of 14 has ended').toMatchObject({
      circuit: 'closed',
      window: { calls: 6, failures: 6 },
    })
    await clock.advance(60_000)
    await Promise.all(reading)
    expect(llm.snapshot()).toMatchObject({ circuit: 'closed', totals: { succeeded: 14 } })
  })

  it('is slow by the time to its first output, however long it is', async () => {
    const { clock, llm, source, record } = setUp({ breaker: { slowCallMs: 1_000 } })
    for (const [beforeMs, afterMs] of [
      [500, 4_000],
      [1_500, 0],
    ]) {
      const { stream } = source(beforeMs ?? 0, 'a', afterMs ?? 0, 'b', '.')
      const reading = llm.stream(() => stream, RULES).then(readAll)
      await clock.advance(10_000)
      await reading
    }
    expect(record.of('attempt-succeeded')).toMatchObject([
      { outcome: 'success', firstOutputMs: 500, durationMs: 4_500 },
      { outcome: 'slow', firstOutputMs: 1_500, durationMs: 1_500 },
    ])
  })

  it('reads from its source only what its reader asks for', async () => {
    const { clock, llm, source } = setUp()
    const origin = source(...Array.from({ length: 5_000 }, (_, i) => `${i}`), '.')
    const reader = (await llm.stream(() => origin.stream, RULES)).getReader()
    await clock.settle()
    expect(origin.pulled).toBe(1)
    await reader.read()
    await reader.read()
    await clock.settle()
    expect(origin.pulled).toBe(2)
  })

  it.each([
    ['is cut', ['#start', 'cut'], 'CONNECTION_LOST'],
    ['fails in band', ['#start', '!overloaded_error'], 'OVERLOADED'],
    ['ends without a chunk', [], 'EMPTY'],
    ['ends with the end only', ['#start', '.'], 'EMPTY'],
    ['ends without an end', ['#start', '#meta'], 'STREAM_INCOMPLETE'],
  ] as const)('is tried again when it %s before its first output', async (_how, steps, code) => {
    const { clock, llm, source, record } = setUp()
    const sources = [source(...steps), source('#again', 'a', '.')]
    const call = llm.stream(({ attempt }) => sources[attempt - 1]?.stream ?? new ReadableStream(), RULES)
    await clock.advance(1_000)
    expect(await readAll(await call)).toEqual(['#again', 'a', '.'])
    expect(record.of('attempt-failed')).toMatchObject([{ code, outcome: 'failure' }])
  })

  it.each([
    ['is cut', ['a', 'cut'], 'CONNECTION_LOST'],
    ['fails in band', ['a', '!overloaded_error', 'b'], 'OVERLOADED'],
    ['ends without an end', ['a', 'b'], 'STREAM_INCOMPLETE'],
    ['falls silent', ['a', 'hang'], 'IDLE_TIMEOUT'],
  ] as const)(
    'breaks with an error when it %s after its first output, and is not tried again',
    async (_how, steps, code) => {
      const { clock, llm, source, record } = setUp({ idleTimeoutMs: 2_000 })
      const origin = source(...steps)
      const stream = await llm.stream(() => origin.stream, RULES)
      expect(await settled(clock, 5_000, readAll(stream))).toMatchObject({ rejected: { code, integration: 'llm' } })
      expect(record.types).toEqual(['call-started', 'attempt-started', 'attempt-failed', 'call-failed'])
      expect(llm.snapshot()).toMatchObject({ window: { calls: 1, failures: 1 }, totals: { failed: 1, succeeded: 0 } })
      expect(clock.pending).toBe(0)
    },
  )

  it('says once what failed: to the reader, to the events and to the breaker', async () => {
    const { clock, llm, source } = setUp({ breaker: { minimumCalls: 1 } })
    const stream = await llm.stream(() => source('a', 'cut').stream, RULES)
    const result = await settled(clock, 10, readAll(stream))
    const later = await llm.call(() => 1).catch((error: unknown) => error)
    expect(later).toMatchObject({ code: 'CIRCUIT_OPEN' })
    expect((later as Error).cause).toBe((result as { rejected: unknown }).rejected)
  })

  it('may as a probe take longer than its lease, as long as it makes progress', async () => {
    const { clock, llm, source, record } = setUp({ breaker: { openMs: 1_000, openJitter: 0, halfOpenSuccesses: 1 } })
    llm.circuit.open()
    await clock.advance(1_000)
    const words = Array.from({ length: 9 }, () => [5_000, 'word']).flat()
    const reading = llm.stream(() => source('first', ...words, '.').stream, RULES).then(readAll)
    for (let second = 0; second < 46; second++) {
      await clock.advance(1_000)
      llm.snapshot()
    }
    await reading
    expect(record.of('circuit-opened').map(({ reason }) => reason)).toEqual(['manual'])
    expect(llm.circuit.state).toBe('closed')
  })

  it('without an isEnd rule is whole when it ends', async () => {
    const { llm, source } = setUp()
    const stream = await llm.stream(() => source('a', 'b').stream, { isOutput: () => true })
    expect(await readAll(stream)).toEqual(['a', 'b'])
  })

  it('keeps chunks whose value is undefined', async () => {
    const { llm } = setUp()
    const origin = new ReadableStream<string | undefined>({
      start(controller) {
        for (const chunk of [undefined, 'a', undefined]) controller.enqueue(chunk)
        controller.close()
      },
    })
    const stream = await llm.stream(() => origin, { isOutput: (chunk) => chunk !== undefined })
    const chunks: unknown[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks).toEqual([undefined, 'a', undefined])
  })

  it('is handed over as it is when 64 chunks came and none was output, so that nothing grows without bound', async () => {
    const { llm, source, record } = setUp()
    const pings = Array.from({ length: 100 }, (_, i) => `#${i}`)
    const origin = source(...pings, 'a', '.')
    const stream = await llm.stream(() => origin.stream, RULES)
    expect(origin.pulled).toBe(64)
    expect(await readAll(stream)).toEqual([...pings, 'a', '.'])
    expect(record.of('attempt-succeeded')).toHaveLength(1)
  })

  it('fails when the operation rejects, or gives something that is no stream', async () => {
    const { llm } = setUp({ retry: { maxRetries: 0 } })
    const rejecting = llm.stream(() => Promise.reject(Object.assign(new Error('no'), { status: 500 })), RULES)
    await expect(rejecting).rejects.toMatchObject({ code: 'HTTP_500' })
    const nothing = llm.stream(() => undefined as unknown as ReadableStream<string>, RULES)
    await expect(nothing).rejects.toMatchObject({ category: 'unknown', retryable: false })
  })

  it('is empty when there is no body to read', async () => {
    const { llm } = setUp({ retry: false })
    const body = async (): Promise<ReadableStream<string> | null> => null
    await expect(llm.stream(body, RULES)).rejects.toMatchObject({ code: 'EMPTY', category: 'malformed' })
    expect(llm.snapshot().window).toMatchObject({ calls: 1, failures: 1 })
  })

  it('gives its permit back when a rule throws', async () => {
    const { llm, source } = setUp({ retry: { maxRetries: 0 } })
    const rules: StreamRules<string> = {
      isOutput(chunk) {
        if (chunk === 'b') throw new RangeError('a rule that fails')
        return true
      },
    }
    const stream = await llm.stream(() => source('a', 'b').stream, rules)
    await expect(readAll(stream)).rejects.toMatchObject({ category: 'unknown' })
    expect(llm.snapshot().window).toMatchObject({ calls: 1, failures: 1 })
  })
})

describe("a stream's clocks", () => {
  it('cut an attempt without output, and leave the source that comes too late', async () => {
    const { clock, llm, source } = setUp({ attemptTimeoutMs: 1_000, retry: { maxRetries: 0 } })
    const late = source('a', '.')
    const call = llm.stream(async () => {
      await clock.sleep(3_000)
      return late.stream
    }, RULES)
    expect(await settled(clock, 5_000, call)).toMatchObject({ rejected: { code: 'ATTEMPT_TIMEOUT' } })
    expect(late.cancelledWith).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    expect(late.pulled).toBe(0)
  })

  it('cut an attempt that sends metadata and no output, and leave its source', async () => {
    const { clock, llm, source } = setUp({ attemptTimeoutMs: 1_000, retry: { maxRetries: 0 } })
    const silent = source('#start', 'hang')
    expect(
      await settled(
        clock,
        1_000,
        llm.stream(() => silent.stream, RULES),
      ),
    ).toMatchObject({
      rejected: { code: 'ATTEMPT_TIMEOUT' },
    })
    expect(silent.cancelledWith).toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  it('do not limit the whole of a long answer that keeps coming', async () => {
    const { clock, llm, source } = setUp({ deadlineMs: 3_000, attemptTimeoutMs: 1_000, idleTimeoutMs: 1_000 })
    const { stream } = source(...Array.from({ length: 20 }, () => [900, 'a']).flat(), '.')
    const reading = llm.stream(() => stream, RULES).then(readAll)
    await clock.advance(60_000)
    expect(await reading).toHaveLength(21)
  })

  it('do not take pings for an answer', async () => {
    const { clock, llm, source } = setUp({ idleTimeoutMs: 1_000 })
    const { stream } = source('a', ...Array.from({ length: 20 }, () => [300, '#ping']).flat(), '.')
    const start = clock.now()
    const reading = llm.stream(() => stream, RULES).then(readAll)
    expect(await settled(clock, 999, Promise.race([reading, clock.sleep(999)]))).toBe(undefined)
    expect(await settled(clock, 1, reading)).toMatchObject({ rejected: { code: 'IDLE_TIMEOUT' } })
    expect(clock.now() - start).toBe(1_000)
  })

  it('do not run while the reader takes its time, after an output or a ping', async () => {
    const { clock, llm, source } = setUp({ idleTimeoutMs: 1_000 })
    const reader = (await llm.stream(() => source('a', '#ping', 'b', '.').stream, RULES)).getReader()
    for (const expected of ['a', '#ping', 'b']) {
      await expect(reader.read()).resolves.toEqual({ done: false, value: expected })
      await clock.advance(60_000)
      expect(clock.pending).toBe(0)
    }
  })
})

describe('leaving a stream', () => {
  it('by its reader reaches the source and counts as nothing', async () => {
    const { clock, llm, source, record } = setUp()
    const origin = source('a', 'b', 'hang')
    let signal: AbortSignal | undefined
    const stream = await llm.stream((context) => {
      signal = context.signal
      return origin.stream
    }, RULES)
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(origin.cancelledWith).toBe('enough')
    expect(signal?.reason).toBe('enough')
    expect(record.of('attempt-failed')).toMatchObject([{ code: 'CANCELLED', outcome: 'ignored' }])
    expect(record.types.at(-1)).toBe('call-failed')
    expect(llm.snapshot()).toMatchObject({ window: { calls: 0 }, totals: { failed: 0 } })
    expect(clock.pending).toBe(0)
  })

  it('after its end has come counts as a success', async () => {
    const { llm, source, record } = setUp()
    const reader = (await llm.stream(() => source('a', '.', 'hang').stream, RULES)).getReader()
    await reader.read()
    await reader.read()
    await reader.cancel()
    expect(record.types.slice(-2)).toEqual(['attempt-succeeded', 'call-succeeded'])
  })

  it("by the caller's signal before the first output rejects with its reason, at once", async () => {
    const { clock, llm, source } = setUp()
    const controller = new AbortController()
    const origin = source('#start', 'hang')
    const call = llm.stream(() => origin.stream, RULES, { signal: controller.signal })
    await clock.advance(100)
    controller.abort('gone')
    await expect(call).rejects.toBe('gone')
    expect(origin.cancelledWith).toBe('gone')
    expect(llm.snapshot().window.calls).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it("by the caller's signal in the middle breaks the stream with its reason", async () => {
    const { clock, llm, source, record } = setUp()
    const controller = new AbortController()
    const origin = source('a', 'hang')
    const stream = await llm.stream(() => origin.stream, RULES, { signal: controller.signal })
    const reading = readAll(stream)
    const rejection = expect(reading).rejects.toBe('gone')
    await clock.settle()
    controller.abort('gone')
    await rejection
    expect(origin.cancelledWith).toBe('gone')
    expect(record.types.slice(-2)).toEqual(['attempt-failed', 'call-failed'])
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('because another was faster counts as slow, also in the middle of an answer that only drips', async () => {
    const { clock, llm, source, record } = setUp()
    for (const steps of [
      ['#start', 'hang'],
      ['a', 'hang'],
    ] as const) {
      const controller = new AbortController()
      const call = llm.stream(() => source(...steps).stream, RULES, { signal: controller.signal })
      const ended = call.then(readAll).catch((reason: unknown) => reason)
      await clock.advance(100)
      controller.abort(overtaken())
      await expect(ended).resolves.toMatchObject({ code: 'OVERTAKEN' })
    }
    expect(record.of('attempt-failed').map((event) => event.outcome)).toEqual(['slow', 'slow'])
  })

  it('gives the permit of a probe back in every way there is (B5)', async () => {
    const ways: readonly [string, readonly Step[], (stream: ReadableStream<string>) => Promise<unknown>][] = [
      ['whole', ['a', '.'], readAll],
      ['cut', ['a', 'cut'], (stream) => readAll(stream).catch(() => undefined)],
      ['cancelled', ['a', 'hang'], (stream) => stream.cancel()],
    ]
    for (const [way, steps, leave] of ways) {
      const { clock, llm, source } = setUp({ breaker: { openMs: 1_000, openJitter: 0 } })
      llm.circuit.open()
      await clock.advance(1_000)
      await leave(await llm.stream(() => source(...steps).stream, RULES))
      await clock.advance(10_000)
      expect(llm.wouldAdmit(), way).toBe(true)
    }
  })
})
