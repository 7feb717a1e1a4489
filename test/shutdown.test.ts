import { afterEach, describe, expect, it } from 'vitest'
import { ask } from './harness/ask.ts'
import { startDesk, type Desk } from './harness/desk.ts'

let desk: Desk | undefined
afterEach(async () => {
  await desk?.stop('SIGKILL')
})

describe('SIGTERM', () => {
  it('lets a stream in flight finish, takes no new work, ends with 0 and takes the sandbox along', async () => {
    desk = await startDesk()
    await desk.fault('n8n', 'slow', { delayMs: 1_200 })
    const asked = ask(desk, undefined, { stream: true })
    await new Promise((resolve) => setTimeout(resolve, 400))
    const stopped = desk.stop('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 200))
    const late = await ask(desk).then(
      (answer) => answer.status,
      () => 'refused',
    )
    expect([503, 'refused']).toContain(late)
    const answer = await asked
    expect(answer.status).toBe(200)
    expect(answer.error).toBeUndefined()
    expect(answer.finishReason).toBe('stop')
    expect(await stopped).toEqual({ code: 0, signal: null })
    await expect(fetch(desk.sandboxUrl)).rejects.toThrow()
  })

  it('does not wait for ever for an answer that does not come', async () => {
    desk = await startDesk()
    for (const service of ['n8n', 'llm', 'apollo', 'avinode'] as const) await desk.fault(service, 'hang')
    const asked = ask(desk).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const started = performance.now()
    expect((await desk.stop('SIGTERM')).code).toBe(0)
    expect(performance.now() - started).toBeLessThan(15_000)
    await asked
  })
})
