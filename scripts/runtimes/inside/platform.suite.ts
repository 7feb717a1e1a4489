/** What a fake clock cannot show: core on the platform's own timers, with the errors of the platform's own fetch. */
import { createIntegration, systemClock, toHoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'

/** The server of `peer.ts`. */
const { holdfastPeer: peer } = globalThis as unknown as { readonly holdfastPeer: string }

const hang = (): Promise<never> => new Promise<never>(() => undefined)

describe('on the timers of the platform', () => {
  it('an attempt that hangs is cut at its time limit', async () => {
    const crm = createIntegration({ name: 'crm', attemptTimeoutMs: 100 })
    const before = systemClock.now()
    await expect(crm.call(hang)).rejects.toMatchObject({ code: 'ATTEMPT_TIMEOUT' })
    const tookMs = systemClock.now() - before
    expect(tookMs).toBeGreaterThanOrEqual(98)
    expect(tookMs).toBeLessThan(5_000)
  })

  it('a failed attempt is made again after a wait', async () => {
    const crm = createIntegration({ name: 'crm', idempotent: true })
    const before = systemClock.now()
    const attempts: number[] = []
    const value = await crm.call(({ attempt }) => {
      attempts.push(attempt)
      return attempt === 1 ? Promise.reject(Object.assign(new Error('busy'), { status: 503 })) : Promise.resolve('done')
    })
    expect([value, attempts]).toEqual(['done', [1, 2]])
    expect(systemClock.now() - before).toBeLessThan(10_000)
  })

  it('a caller who leaves is let go at once, with the reason given', async () => {
    const crm = createIntegration({ name: 'crm', attemptTimeoutMs: 10_000 })
    const controller = new AbortController()
    const reason = { left: true }
    setTimeout(() => controller.abort(reason), 20)
    const before = systemClock.now()
    await expect(crm.call(hang, { signal: controller.signal })).rejects.toBe(reason)
    expect(systemClock.now() - before).toBeLessThan(5_000)
  })

  it('calls that run at once each have their own time limit', async () => {
    const crm = createIntegration({ name: 'crm', attemptTimeoutMs: 200, breaker: false })
    const calls = Array.from({ length: 50 }, (_, index) =>
      crm.call(index % 2 === 0 ? hang : () => systemClock.sleep(index).then(() => index)),
    )
    const settled = await Promise.allSettled(calls)
    expect(settled.map(({ status }) => status)).toEqual(
      settled.map((_, index) => (index % 2 === 0 ? 'rejected' : 'fulfilled')),
    )
  })

  // That it does not keep the process is seen from outside: it must end with its last test.
  it('a long time limit that was met is forgotten (B24)', async () => {
    const crm = createIntegration({ name: 'crm', deadlineMs: 80_000_000, attemptTimeoutMs: 80_000_000 })
    let done = 0
    for (let call = 0; call < 100; call++) done += await crm.call(() => Promise.resolve(1))
    expect(done).toBe(100)
  })
})

describe('an error of fetch', () => {
  const errorOf = async (work: () => Promise<unknown>) => toHoldfastError(await work().catch((error: unknown) => error))

  it('tells a connection that is lost before the reply', async () => {
    expect(await errorOf(() => fetch(`${peer}/fetch/reset`))).toMatchObject({
      code: 'CONNECTION_LOST',
      category: 'network',
      retryable: true,
      mayHaveTakenEffect: true,
    })
  })

  it('tells a reply that is cut', async () => {
    const error = await errorOf(() => fetch(`${peer}/fetch/half`).then((reply) => reply.text()))
    expect(error).toMatchObject({ retryable: true, mayHaveTakenEffect: true })
    // Node says that the reply is shorter than it announced, the others that the connection was lost.
    expect(['CONNECTION_LOST', 'INVALID_REPLY']).toContain(error.code)
  })

  it('tells that nobody listens, or where the platform keeps that to itself, that the connection was lost', async () => {
    const nobody = await fetch(`${peer}/nobody`).then((reply) => reply.text())
    const error = await errorOf(() => fetch(nobody))
    expect(error).toMatchObject({ category: 'network', retryable: true })
    // Chromium and Workers say the same whatever happened to the connection.
    const isTold = !('window' in globalThis) && globalThis.navigator?.userAgent !== 'Cloudflare-Workers'
    expect(error.code).toBe(isTold ? 'CONNECTION_REFUSED' : 'CONNECTION_LOST')
    expect(error.mayHaveTakenEffect).toBe(!isTold)
  })

  it('tells a reply that does not come in time', async () => {
    expect(await errorOf(() => fetch(`${peer}/fetch/silent`, { signal: AbortSignal.timeout(50) }))).toMatchObject({
      code: 'REPLY_TIMEOUT',
      category: 'timeout',
    })
  })

  it('tells JSON that is cut short', async () => {
    expect(await errorOf(() => fetch(`${peer}/fetch/json`).then((reply) => reply.json()))).toMatchObject({
      code: 'INVALID_JSON',
      category: 'malformed',
    })
  })

  it('tells an address that is none', async () => {
    expect(await errorOf(() => fetch('http://'))).toMatchObject({ code: 'INVALID_REQUEST', retryable: false })
  })
})
