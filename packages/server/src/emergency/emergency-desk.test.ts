import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AiEvent } from '@holdfast/ai'
import { createEvents } from '@holdfast/core'
import type { CoreEvent, Events } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeApp, fakeModel } from '../../test/fakes.ts'
import type { FakeModel } from '../../test/fakes.ts'
import type { EmergencyOptions } from '../config/options.ts'
import type { RunningAssistant } from '../http/context.ts'
import { openEmergencyDesk } from './emergency-desk.ts'
import type { EmergencyDesk } from './emergency-desk.ts'
import { onCallIntegration } from './on-call.ts'

const HELP = 'Our server is down and nobody can work'
const contact = { name: 'the desk', phone: '+1 555 0100' }

interface Post {
  readonly body: { readonly text: string; readonly type: string; readonly ticket: Record<string, unknown> }
  readonly headers: Readonly<Record<string, unknown>>
}

let directory: string
let receiver: Server
let posts: Post[]
let status: number
/** What the receiver writes, beside its status. */
let said: string
let desk: EmergencyDesk | undefined
let kept: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-desk-'))
  posts = []
  kept = []
  status = 204
  said = ''
  receiver = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      posts.push({ body: JSON.parse(text) as Post['body'], headers: request.headers })
      response.writeHead(status).end(said)
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await desk?.stop()
  desk = undefined
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
  await rm(directory, { recursive: true, force: true })
})

async function open(emergency: EmergencyOptions = {}, reached = true, format?: 'teams'): Promise<FakeModel> {
  const model = fakeModel()
  const running = (name: string): [string, RunningAssistant] => [
    name,
    {
      model,
      definition: {
        name,
        title: name,
        description: name,
        integrations: [],
        build: () => model,
        ...(name === 'shop' ? { contact: { name: 'the shop', email: 'shop@example.com' } } : {}),
      },
    },
  ]
  const { port } = receiver.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/hook`
  desk = await openEmergencyDesk({
    config: { contact, emergency: { directory, ...emergency } },
    onCall: reached ? { url, headers: { 'x-secret': 'secret-of-the-test' }, ...(format && { format }) } : undefined,
    runtime: {
      assistants: new Map([running('desk'), running('shop')]),
      integrations: [],
      events: createEvents<AiEvent>(),
    },
    keep: async ({ id, message }) => void kept.push(`${id} ${message}`),
  })
  return model
}

/** Asks by HTTP, and returns the reply. */
async function ask(assistant: string, message: string): Promise<{ tier: unknown; answer: string }> {
  const { app } = await fakeApp({ context: { assistants: desk!.assistants } })
  const response = await app.inject({
    method: 'POST',
    url: '/chat',
    headers: { host: 'localhost' },
    payload: { assistant, message },
  })
  return { tier: response.headers['x-holdfast-tier'], answer: response.json<{ answer: string }>().answer }
}

/** The same while the server has as many answers under way as it may have. */
async function askBusy(
  message: string,
  url: '/chat' | '/v1/chat/completions',
): Promise<{ status: number; tier: unknown }> {
  const { app, context } = await fakeApp({
    context: { assistants: desk!.assistants },
    options: { maxConcurrentAnswers: 1 },
  })
  context.answers.begin()
  const payload =
    url === '/chat' ? { assistant: 'desk', message } : { model: 'desk', messages: [{ role: 'user', content: message }] }
  const response = await app.inject({ method: 'POST', url, headers: { host: 'localhost' }, payload })
  return { status: response.statusCode, tier: response.headers['x-holdfast-tier'] }
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!holds() && performance.now() < end) await new Promise((resolve) => setImmediate(resolve))
  expect(holds()).toBe(true)
}

describe('the emergency desk', () => {
  it('is not there where it is not configured', async () => {
    const runtime = { assistants: new Map(), integrations: [], events: createEvents<AiEvent>() }
    expect(await openEmergencyDesk({ config: { contact }, onCall: undefined, runtime })).toBeUndefined()
  })

  it('answers emergencies of the assistants it stands before, and tells the people on call', async () => {
    const model = await open({ assistants: ['desk'], phone: '+1 555 0199' })
    const { tier, answer } = await ask('desk', HELP)
    expect(tier).toBe('emergency')
    expect(answer).toContain('+1 555 0199')
    expect(model.calls).toEqual([])
    await until(() => posts.length === 1)
    const [post] = posts
    expect(post?.headers).toMatchObject({ 'x-secret': 'secret-of-the-test', 'content-type': 'application/json' })
    expect(post?.headers['idempotency-key']).toMatch(/^[\w-]{43}$/)
    const id = post?.body.ticket['id']
    expect(answer).toContain(`Your ticket is ${String(id)}. The person on call is being told.`)
    expect(post?.body).toMatchObject({
      text: expect.stringContaining(`Emergency ${String(id)} (desk, default, `),
      type: 'emergency-ticket',
      ticket: { assistant: 'desk', tenant: 'default', language: 'en', message: HELP },
    })
    expect((await ask('shop', HELP)).tier).toBe('n8n')
    expect((await ask('desk', 'Good morning')).tier).toBe('n8n')
    await until(() => desk?.health().undelivered === 0)
  })

  it('names whom the assistant itself says to call, at the general number where it has none', async () => {
    await open()
    const { answer } = await ask('shop', HELP)
    expect(answer).toContain('+1 555 0100')
    expect(answer).toContain('the shop')
    expect(answer).not.toContain('the desk')
  })

  it('answers an emergency however many answers are under way, and nothing else', async () => {
    await open({ assistants: ['desk'] })
    for (const url of ['/chat', '/v1/chat/completions'] as const) {
      expect(await askBusy(HELP, url)).toEqual({ status: 200, tier: 'emergency' })
      expect(await askBusy('Good morning', url)).toMatchObject({ status: 503 })
    }
  })

  it('tells a channel of Teams in its own way, and does not take its 200 for a delivery', async () => {
    status = 200
    said =
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 503 with ContextId x'
    await open({}, true, 'teams')
    const { answer } = await ask('desk', HELP)
    await until(() => posts.length > 0)
    expect(desk?.health().undelivered).toBe(1)
    said = '1'
    await until(() => desk?.health().undelivered === 0)
    const card = JSON.stringify(posts.at(-1)?.body)
    expect(card).toContain('AdaptiveCard')
    expect(card).toContain(HELP)
    expect(answer).toContain(/Emergency (EMG-[0-9A-Z]{8})/.exec(card)?.[1])
  })

  it('keeps tickets and tells nobody without an address, and does not say that it does', async () => {
    await open({}, false)
    const { answer } = await ask('desk', HELP)
    expect(answer).toContain('Your ticket is')
    expect(answer).not.toContain('being told')
    expect(desk?.health()).toEqual({ undelivered: 1, givenUp: 0, delivery: 'off', journal: 'open' })
    expect(desk?.integrations).toEqual([])
    await desk?.stop()
    await open()
    await until(() => posts.length === 1)
  })

  it.each([true, false])('brings a ticket into the store, whether or not somebody is told (%s)', async (reached) => {
    await open({}, reached)
    const { answer } = await ask('desk', HELP)
    const [id] = /EMG-[0-9A-Z]{8}/.exec(answer) ?? []
    await until(() => kept.length > 0)
    expect(kept).toEqual([`${id} ${HELP}`])
    if (reached) return
    // After the next start it is offered again: it may not have come so far.
    await desk?.stop()
    await open({}, false)
    await until(() => kept.length === 2)
    expect(kept[1]).toBe(kept[0])
  })

  it('keeps what is not confirmed for the next start, under the same key', async () => {
    status = 500
    await open()
    await ask('desk', HELP)
    await until(() => posts.length > 0)
    await desk?.stop()
    status = 204
    const [first] = posts
    posts = []
    await open()
    await until(() => posts.length === 1)
    expect(posts[0]?.headers['idempotency-key']).toBe(first?.headers['idempotency-key'])
    expect(posts[0]?.body).toEqual(first?.body)
  })

  it('sends a ticket directly that it cannot keep, and the answer says that it is not certain', async () => {
    await open()
    // Whoever takes the directory away takes the file away.
    await rm(directory, { recursive: true, force: true })
    const { answer } = await ask('desk', HELP)
    expect(answer).toContain('could not confirm')
    await until(() => posts.length === 1)
    expect(answer).toContain(String(posts[0]?.body.ticket['id']))
    expect(desk?.health().undelivered).toBe(0)
  })

  it('is one owner of its directory', async () => {
    await open()
    const first = desk
    await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' })
    desk = first
  })

  it('is guarded as a webhook, by an integration of its own', async () => {
    await open()
    expect(desk?.integrations.map(({ name, kind }) => [name, kind])).toEqual([['on-call', 'webhook']])
    expect(onCallIntegration(createEvents<AiEvent>() as Events<CoreEvent>).snapshot().status).toBe('healthy')
  })
})
