import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors/holdfast-error.ts'
import { createEvents } from '../events/channel.ts'
import type { CoreEvent } from '../events/events.ts'
import { fakeClock } from '../testing/index.ts'
import type { CallLabels } from './labels.ts'
import { withErrorHandling } from './with-error-handling.ts'

const LABELS: CallLabels = { requestId: 'r-1', tenant: 'acme', session: 's-1', operation: 'book-flight' }

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

async function holdfastErrorOf(work: Promise<unknown>): Promise<HoldfastError> {
  const error = await failureOf(work)
  expect(HoldfastError.isInstance(error)).toBe(true)
  return error as HoldfastError
}

function rejecting(error: unknown): () => Promise<never> {
  return async () => {
    throw error
  }
}

describe('a function with error handling', () => {
  it('gives what the function gives, as a promise, with its arguments and its this', async () => {
    const add = withErrorHandling((a: number, b: number) => a + b, LABELS)
    const sum: Promise<number> = add(1, 2)
    expect(await sum).toBe(3)
    expect(await withErrorHandling(async (text: string) => text.length, {})('four')).toBe(4)
    const desk = {
      name: 'charter',
      hello: withErrorHandling(function (this: { name: string }) {
        return this.name
      }, {}),
    }
    expect(await desk.hello()).toBe('charter')
  })

  it('fails with one of ours, whatever is thrown, synchronously too', async () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    for (const fn of [
      rejecting(refused),
      () => {
        throw refused
      },
    ]) {
      const error = await holdfastErrorOf(withErrorHandling(fn, LABELS)())
      expect(error).toMatchObject({
        code: 'CONNECTION_REFUSED',
        category: 'network',
        retryable: true,
        mayHaveTakenEffect: false,
        message: 'book-flight failed: the service refused the connection',
        labels: LABELS,
      })
      expect(error.cause).toBe(refused)
    }
    for (const thrown of [undefined, null, 'no', 7, {}]) {
      expect((await holdfastErrorOf(withErrorHandling(rejecting(thrown), {})())).code).toBe('UNKNOWN')
    }
  })

  it('keeps everything that one of ours says, and changes it in nothing', async () => {
    const inner = new HoldfastError({
      code: 'HTTP_429',
      category: 'rate-limit',
      message: 'crm answered with HTTP status 429',
      retryable: true,
      retryAfterMs: 0,
      status: 429,
      mayHaveTakenEffect: false,
      integration: 'crm',
    })
    const error = await holdfastErrorOf(withErrorHandling(rejecting(inner), LABELS)())
    expect(error).toMatchObject({
      ...inner,
      message: 'book-flight failed: crm answered with HTTP status 429',
      labels: LABELS,
    })
    expect(error.cause).toBe(inner)
    expect(inner.labels).toBe(undefined)
    expect(inner.message).toBe('crm answered with HTTP status 429')
  })

  it('(B29) gives every caller an error of its own when they share a failure', async () => {
    const shared = new HoldfastError({ code: 'X', category: 'server', message: 'm', retryable: true })
    const ofA = await holdfastErrorOf(withErrorHandling(rejecting(shared), { tenant: 'a' })())
    const wrapped = withErrorHandling(rejecting(shared), { tenant: 'b' })
    const [first, second] = [await holdfastErrorOf(wrapped()), await holdfastErrorOf(wrapped())]
    expect(ofA.labels).toEqual({ tenant: 'a' })
    expect(first.labels).toEqual({ tenant: 'b' })
    expect(first).not.toBe(second)
  })

  it('(B13) tells a timeout from an abort, and keeps the reason by identity', async () => {
    const timeout = new DOMException('signal timed out', 'TimeoutError')
    const error = await holdfastErrorOf(withErrorHandling(rejecting(timeout), {})())
    expect(error).toMatchObject({ code: 'REPLY_TIMEOUT', category: 'timeout' })
    expect(error.cause).toBe(timeout)

    const controller = new AbortController()
    const reason = new Error('the visitor has left')
    controller.abort(reason)
    const events = createEvents<CoreEvent>()
    const seen: CoreEvent[] = []
    events.on((event) => void seen.push(event))
    const { signal } = controller
    expect(await failureOf(withErrorHandling(rejecting(reason), LABELS, { signal, events })())).toBe(reason)
    expect(seen).toMatchObject([{ type: 'operation-failed', code: 'CANCELLED', category: 'cancelled' }])
    const other = await holdfastErrorOf(withErrorHandling(rejecting(new Error('other')), {}, { signal })())
    expect(other.code).toBe('UNKNOWN')
  })

  it('knows the abort behind an AbortError of somebody else’s, such as Node’s', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const reason = new Error('the visitor has left')
    const events = createEvents<CoreEvent>()
    const seen: CoreEvent[] = []
    events.on((event) => void seen.push(event))
    const sleep = (): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('The operation was aborted', 'AbortError')))
      })
    const nap = withErrorHandling(sleep, LABELS, { signal, events })()
    controller.abort(reason)
    expect(await failureOf(nap)).toBe(reason)
    expect(seen).toMatchObject([{ code: 'CANCELLED', category: 'cancelled' }])
    const own = new DOMException('not ours', 'AbortError')
    const error = await holdfastErrorOf(
      withErrorHandling(rejecting(own), {}, { signal: new AbortController().signal })(),
    )
    expect(error).toMatchObject({ code: 'ABORTED', category: 'network' })
  })

  it('reports each failure once for each operation, without a word of the message', async () => {
    const clock = fakeClock({ wallTime: 1_000 })
    const events = createEvents<CoreEvent>()
    const seen: CoreEvent[] = []
    events.on((event) => void seen.push(event))
    const inner = withErrorHandling(rejecting(new Error('sk-live-123')), { operation: 'inner' }, { events, clock })
    const error = await holdfastErrorOf(
      withErrorHandling(inner, { operation: 'outer', tenant: 'acme' }, { events, clock })(),
    )
    const common = { type: 'operation-failed', at: 1_000, code: 'UNKNOWN', category: 'unknown' }
    expect(seen).toEqual([
      { ...common, operation: 'inner' },
      { ...common, operation: 'outer', tenant: 'acme' },
    ])
    expect(error.labels).toEqual({ operation: 'inner', tenant: 'acme' })
    expect(JSON.stringify([seen, error, error.message])).not.toContain('sk-live-123')
  })

  it('is not touched by a listener that throws', async () => {
    const events = createEvents<CoreEvent>()
    events.on(() => {
      throw new Error('the listener')
    })
    const error = await holdfastErrorOf(withErrorHandling(rejecting(new SyntaxError('x')), {}, { events })())
    expect(error.code).toBe('INVALID_JSON')
  })

  it('hands its labels on through a carrier, over those that are there already', async () => {
    const carrier = new AsyncLocalStorage<CallLabels>()
    const seen: unknown[] = []
    const inner = withErrorHandling(
      async () => {
        await Promise.resolve()
        seen.push(carrier.getStore())
        throw new Error('no')
      },
      { operation: 'inner' },
      { carrier },
    )
    const outer = withErrorHandling(inner, { tenant: 'acme', operation: 'outer' }, { carrier })
    const error = await holdfastErrorOf(outer())
    expect(seen).toEqual([{ tenant: 'acme', operation: 'inner' }])
    expect(error.labels).toEqual({ tenant: 'acme', operation: 'inner' })
    expect(carrier.getStore()).toBe(undefined)
  })

  it('leaves what else a carrier holds where it is', async () => {
    const carrier = new AsyncLocalStorage<CallLabels & { readonly apiKey?: string; readonly type?: string }>()
    const events = createEvents<CoreEvent>()
    const seen: unknown[] = []
    events.on((event) => void seen.push(event))
    const work = withErrorHandling(
      () => {
        seen.push(carrier.getStore())
        throw new Error('no')
      },
      { operation: 'work' },
      { carrier, events, clock: fakeClock({ wallTime: 5 }) },
    )
    const store = { tenant: 'acme', apiKey: 'sk-live-123', type: 'x' }
    const error = await carrier.run(store, async () => holdfastErrorOf(work()))
    const labels = { tenant: 'acme', operation: 'work' }
    expect(seen).toEqual([
      { ...store, ...labels },
      { type: 'operation-failed', at: 5, code: 'UNKNOWN', category: 'unknown', ...labels },
    ])
    expect(error.labels).toEqual(labels)
  })

  it('has the labels it was made with, whatever happens to the object', async () => {
    const labels = { tenant: 'acme' }
    const fn = withErrorHandling(rejecting(new Error('no')), labels)
    labels.tenant = 'other'
    expect((await holdfastErrorOf(fn())).labels).toEqual({ tenant: 'acme' })
  })

  it.each<[object, string]>([
    [{ tenant: '' }, "labels.tenant must be 1 to 200 characters, but is ''"],
    [{ session: 'x'.repeat(201) }, 'labels.session must be 1 to 200 characters, but is a string of 201 characters'],
    [{ requestId: 7 }, 'labels.requestId must be 1 to 200 characters, but is 7'],
    [{ user: 'me' }, 'labels.user is not an option'],
  ])('refuses %j', (labels, message) => {
    expect(() => withErrorHandling(() => 1, labels)).toThrow(message)
  })

  it('refuses what cannot be called', () => {
    for (const fn of [undefined, Promise.resolve(1), { run: () => 1 }]) {
      expect(() => withErrorHandling(fn as never, {})).toThrow('withErrorHandling: fn must be a function, but is ')
    }
  })

  it('refuses options that cannot be used', () => {
    const wrap = (options: object): unknown => withErrorHandling(() => 1, {}, options)
    expect(() => wrap({ carrier: {} })).toThrow('withErrorHandling.carrier must be an object with getStore, run')
    expect(() => wrap({ signal: true })).toThrow('withErrorHandling.signal must be an AbortSignal, but is true')
    expect(() => wrap({ random: () => 0 })).toThrow('withErrorHandling.random is not an option')
  })
})
