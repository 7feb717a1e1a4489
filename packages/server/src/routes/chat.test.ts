import { createBudgets, failover } from '@holdfast/ai'
import { describe, expect, it } from 'vitest'
import { fakeApp, fakeModel } from '../../test/fakes.ts'
import type { FakeApp } from '../../test/fakes.ts'

async function say({ app }: FakeApp, payload: object, headers: Record<string, string> = {}) {
  return app.inject({ method: 'POST', url: '/chat', headers: { host: 'localhost', ...headers }, payload })
}

function eventsOf(body: string): { event: string; data: { text?: string } }[] {
  return body
    .trim()
    .split('\n\n')
    .map((text) => {
      const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(text) ?? []
      return { event, data: JSON.parse(data) as { text?: string } }
    })
}

describe('POST /chat', () => {
  it('answers with the words, where they came from, and the conversation', async () => {
    const response = await say(await fakeApp(), { assistant: 'desk', message: 'Hello?' })
    expect(response.statusCode).toBe(200)
    expect(response.headers['x-holdfast-tier']).toBe('n8n')
    expect(response.json()).toMatchObject({
      answer: 'Hello',
      assistant: 'desk',
      sessionId: expect.any(String),
      notice: 'Answered by the usual assistant.',
      holdfast: { tier: 'n8n' },
    })
  })

  it('tells where the answer came from in the language of the browser', async () => {
    const response = await say(
      await fakeApp(),
      { assistant: 'desk', message: 'Ciao' },
      { 'accept-language': 'it-IT,en' },
    )
    expect(response.json().notice).toBe('Risposta del solito assistente.')
  })

  it('is 200 with a way to a person even when no tier answers', async () => {
    const broken = await fakeApp({ model: fakeModel({ failure: new Error('secret') }) })
    const response = await say(broken, { assistant: 'desk', message: 'Hello?' })
    expect(response.statusCode).toBe(200)
    expect(response.json().answer).toContain('+1 555 0100')
    expect(response.body).not.toContain('secret')
  })

  it('names whom the assistant itself says to turn to', async () => {
    const { context } = await fakeApp({ model: fakeModel({ failure: new Error('broken') }) })
    const running = context.assistants.get('desk')!
    const definition = { ...running.definition, contact: { name: 'the workshop', phone: '+1 555 0199' } }
    const assistants = new Map([['desk', { ...running, definition }]])
    const own = await fakeApp({ context: { assistants } })
    expect((await say(own, { assistant: 'desk', message: 'Hello?' })).json().answer).toContain(
      'the workshop, +1 555 0199',
    )
  })

  it('remembers the conversation, and gives the tiers an id that no client knows', async () => {
    const model = fakeModel()
    const app = await fakeApp({ model })
    const { sessionId } = (await say(app, { assistant: 'desk', message: 'One' })).json()
    await say(app, { assistant: 'desk', message: 'Two', sessionId })
    expect(model.calls[1]?.prompt).toEqual(
      [
        ['user', 'One'],
        ['assistant', 'Hello'],
        ['user', 'Two'],
      ].map(([role, text]) => ({ role, content: [{ type: 'text', text }] })),
    )
    const [first, second] = model.calls.map((call) => call.providerOptions?.['holdfast'])
    expect(first?.['sessionId']).toBe(second?.['sessionId'])
    expect(first?.['sessionId']).not.toBe(sessionId)
  })

  it('is answered with 200 and a person to reach when no budget has room', async () => {
    const budgets = createBudgets({ limits: [{ name: 'none', period: 'day', maxRequests: 0 }] })
    const app = await fakeApp({ model: failover([fakeModel()], { budgets }) })
    const response = await say(app, { assistant: 'desk', message: 'Hello?' })
    expect(response.statusCode).toBe(200)
    expect(response.json().answer).toContain('+1 555 0100')
  })

  it('never continues the conversation of another tenant', async () => {
    const model = fakeModel()
    const app = await fakeApp({ model, keys: { 'key-a': 'a', 'key-b': 'b' } })
    const body = { assistant: 'desk', sessionId: 'shared', message: 'Hello' }
    await say(app, body, { authorization: 'Bearer key-a' })
    await say(app, body, { authorization: 'Bearer key-b' })
    expect(model.calls[1]?.prompt).toHaveLength(1)
    const [a, b] = model.calls.map((call) => call.providerOptions?.['holdfast']?.['sessionId'])
    expect(a).not.toBe(b)
  })

  it('does not remember a question that was not answered', async () => {
    let failing = true
    const model = fakeModel(() => (failing ? { failure: new Error('no') } : {}))
    const app = await fakeApp({ model })
    await say(app, { assistant: 'desk', sessionId: 's', message: 'One' })
    failing = false
    await say(app, { assistant: 'desk', sessionId: 's', message: 'Two' })
    expect(model.calls[1]?.prompt).toHaveLength(1)
  })

  it.each([
    ['no assistant', { message: 'x' }, 400, 'assistant'],
    ['an unknown assistant', { assistant: 'nobody', message: 'x' }, 404, 'assistant'],
    ['no message', { assistant: 'desk' }, 400, 'message'],
    ['a blank message', { assistant: 'desk', message: '  ' }, 400, 'message'],
    ['a bad session', { assistant: 'desk', message: 'x', sessionId: '../..' }, 400, 'sessionId'],
  ])('refuses %s', async (_title, payload, status, param) => {
    const response = await say(await fakeApp(), payload)
    expect(response.statusCode).toBe(status)
    expect(response.json().error.param).toBe(param)
  })
})

describe('POST /chat as a stream', () => {
  const accept = { accept: 'text/event-stream' }

  it('gives the words piece by piece, then where they came from', async () => {
    const response = await say(await fakeApp(), { assistant: 'desk', message: 'Hello?' }, accept)
    expect(eventsOf(response.body)).toEqual([
      { event: 'text', data: { text: 'Hel' } },
      { event: 'text', data: { text: 'lo' } },
      { event: 'done', data: expect.objectContaining({ notice: 'Answered by the usual assistant.' }) },
    ])
  })

  it('ends with `failed` when the answer breaks off, and does not remember it', async () => {
    const model = fakeModel({ failsAfter: 1 })
    const app = await fakeApp({ model })
    const response = await say(app, { assistant: 'desk', sessionId: 's', message: 'Hello?' }, accept)
    expect(eventsOf(response.body).map(({ event }) => event)).toEqual(['text', 'failed'])
    expect(response.body).not.toContain('secret')
    await say(app, { assistant: 'desk', sessionId: 's', message: 'Again?' }, accept)
    expect(model.calls[1]?.prompt).toHaveLength(1)
  })

  it('gives a way to a person when no tier answers', async () => {
    const app = await fakeApp({ model: fakeModel({ failure: new Error('no') }) })
    const response = await say(app, { assistant: 'desk', message: 'Hello?' }, accept)
    expect(response.statusCode).toBe(200)
    const [text, done] = eventsOf(response.body)
    expect(text?.data.text).toContain('+1 555 0100')
    expect(done?.event).toBe('done')
  })
})
