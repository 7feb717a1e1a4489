import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ask } from './harness/ask.ts'
import { startDesk, type Desk } from './harness/desk.ts'

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(async () => {
  await desk.stop()
})

interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly code: string | null
    readonly param?: string | null
  }
}

async function post(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const response = await fetch(`${desk.url}/v1/chat/completions`, { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as ErrorBody }
}

const user = [{ role: 'user', content: 'hello' }]

describe('POST /v1/chat/completions', () => {
  it.each<[string, string, number, RegExp]>([
    ['malformed JSON', '{"model": "charter", ', 400, /JSON/],
    ['an unknown assistant', JSON.stringify({ model: 'chartre', messages: user }), 404, /chartre.*charter/s],
    ['a missing model', JSON.stringify({ messages: user }), 400, /model/],
    ['an empty message list', JSON.stringify({ model: 'charter', messages: [] }), 400, /messages/],
    ['a message without content', JSON.stringify({ model: 'charter', messages: [{ role: 'user' }] }), 400, /content/],
    ['an unknown role', JSON.stringify({ model: 'charter', messages: [{ role: 'boss', content: 'hi' }] }), 400, /role/],
    ['a number for a body', '42', 400, /object|body/i],
  ])('refuses %s with a clear error in the shape of OpenAI', async (_title, body, status, message) => {
    const reply = await post(body)
    expect(reply.status).toBe(status)
    expect(reply.body.error.message).toMatch(message)
    expect(typeof reply.body.error.type).toBe('string')
  })

  it('refuses a message of 5 MB with 413 and says what is allowed', async () => {
    const big = JSON.stringify({ model: 'charter', messages: [{ role: 'user', content: 'x'.repeat(5_000_000) }] })
    const reply = await post(big)
    expect(reply.status).toBe(413)
    expect(reply.body.error.message).toMatch(/\d/)
  })

  it('refuses a wrong content type with 415', async () => {
    const reply = await post(JSON.stringify({ model: 'charter', messages: user }), { 'content-type': 'text/plain' })
    expect(reply.status).toBe(415)
    expect(reply.body.error.message).toMatch(/application\/json/)
  })
})

describe('a client that hangs up', () => {
  it.each(['n8n', 'llm'] as const)('leaves no request open at %s one second later', async (service) => {
    await desk.clearFaults()
    await desk.resetCircuits()
    if (service === 'llm') await desk.fault('n8n', 'down')
    await desk.fault(service, 'silent')
    const abort = new AbortController()
    const asked = ask(desk, undefined, { stream: true, signal: abort.signal }).catch(() => 'left')
    try {
      await vi.waitFor(async () => {
        expect((await desk.requests(service)).some((request) => request.open)).toBe(true)
      }, 5_000)
    } finally {
      abort.abort()
    }
    expect(await asked).toBe('left')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect((await desk.requests()).filter((request) => request.open)).toEqual([])
  })

  it('in the middle of a stream leaves nothing open and the next caller is served', async () => {
    await desk.clearFaults()
    await desk.resetCircuits()
    await desk.fault('n8n', 'down')
    const abort = new AbortController()
    const response = await fetch(`${desk.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'charter',
        stream: true,
        messages: [{ role: 'user', content: 'Four people from Teterboro to Miami on 4 December 2026' }],
      }),
      signal: abort.signal,
    })
    const reader = response.body!.getReader()
    await reader.read()
    abort.abort()
    await reader.read().catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect((await desk.requests()).filter((request) => request.open)).toEqual([])
    const next = await ask(desk)
    expect(next.status).toBe(200)
  })
})
