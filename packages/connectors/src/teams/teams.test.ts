import { createIntegration } from '@holdfast/core'
import { afterEach, describe, expect, it } from 'vitest'
import { everythingIn, rejection, startServer } from '../../test/local-server.ts'
import type { Handler, LocalServer } from '../../test/local-server.ts'
import { TEAMS_MAX_BYTES, teamsCard } from './card.ts'
import type { TeamsMessage } from './card.ts'
import { createTeams } from './teams.ts'
import type { Teams, TeamsOptions } from './teams.ts'

const SIGNATURE = 'very-secret-signature'
const THROTTLED =
  'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0,server=x'

let server: LocalServer
let teams: Teams

async function start(handler: Handler, options: Partial<TeamsOptions> = {}): Promise<Teams> {
  server = await startServer(handler)
  teams = createTeams({ webhookUrl: `${server.url}/workflows/1/triggers/manual?sig=${SIGNATURE}`, ...options })
  return teams
}

const says =
  (status: number, body = ''): Handler =>
  (_, response) =>
    response.writeHead(status).end(body)

afterEach(async () => {
  await server?.close()
  await teams?.close()
})

interface Card {
  readonly body: { readonly type: string; readonly inlines: { readonly text: string }[] }[]
  readonly actions?: unknown
}

const cardIn = (body: unknown): Card => (body as { attachments: { content: Card }[] }).attachments[0]!.content
const linesIn = (body: unknown): string[] =>
  cardIn(body).body.map(({ inlines }) => inlines.map(({ text }) => text).join(''))

describe('a message', () => {
  it('goes to the whole address, as an Adaptive Card', async () => {
    const channel = await start(says(202))
    await channel.post(
      {
        title: 'Emergency EMG-1',
        text: 'Our server is down\n\nand nobody can work',
        facts: [{ name: 'tenant', value: 'acme' }],
        link: { title: 'Open', url: 'https://desk.example/EMG-1' },
        isUrgent: true,
      },
      { requestId: 'r-1' },
    )
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/workflows/1/triggers/manual' })
    expect(request?.query.get('sig')).toBe(SIGNATURE)
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': 'r-1' })
    const body: unknown = JSON.parse(request?.body ?? '')
    expect(body).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }],
    })
    expect(linesIn(body)).toEqual(['Emergency EMG-1', 'Our server is down', 'and nobody can work', 'tenant: acme'])
    expect(cardIn(body).actions).toEqual([{ type: 'Action.OpenUrl', title: 'Open', url: 'https://desk.example/EMG-1' }])
  })

  it('shows what a customer wrote as it is, in no block that knows Markdown or mentions', () => {
    const text = '[click](https://evil.example) **now** <at>everyone</at> # '
    const body = teamsCard({ text, title: text, facts: [{ name: text.slice(0, 20), value: text }] })
    expect(new Set(cardIn(body).body.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']))
    expect(linesIn(body)[0]).toBe(text)
    expect(cardIn(body).actions).toBeUndefined()
  })

  it('of very many lines keeps its words', () => {
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`)
    const shown = linesIn(teamsCard({ text: lines.join('\n') }))
    expect(shown).toHaveLength(50)
    expect(shown.join(' ')).toBe(lines.join(' '))
  })

  it.each<[unknown, RegExp]>([
    [{ text: '' }, /text: must be text of 1 to 20,000 characters/],
    [{ text: 'x', title: 'y'.repeat(201) }, /title: must be text of 1 to 200/],
    [{ text: 'x', link: { title: 'y', url: 'javascript:alert(1)' } }, /link\.url: must be an http or https address/],
    [{ text: 'x', facts: Array.from({ length: 21 }, () => ({ name: 'a', value: 'b' })) }, /facts: must be at most 20/],
    [{ text: 'x', colour: 'red' }, /colour/],
    [{ text: '\u{1f6e9}'.repeat(8_000) }, new RegExp(`may have ${TEAMS_MAX_BYTES} bytes .* but this one has 32`)],
  ])('is refused before it is sent when it cannot be taken', async (message, allowed) => {
    const channel = await start(says(202))
    const error = await rejection(channel.post(message as TeamsMessage))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', category: 'validation', mayHaveTakenEffect: false })
    expect((error as Error).message).toMatch(allowed)
    expect(server.requests).toHaveLength(0)
  })
})

describe('a reply', () => {
  it.each([
    [200, '1'],
    [200, ''],
    [202, ''],
    [202, '{"id":"08584"}'],
  ])('of %i %j says that it is delivered', async (status, body) => {
    await (await start(says(status, body))).post({ text: 'x' })
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    [THROTTLED, 'rate-limit', true],
    ['{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"It is off"}}', 'server', true],
    ['{"status":"Failed"}', 'server', true],
    [THROTTLED.replace('429', '413'), 'client', false],
    [THROTTLED.replace('429', '503'), 'overloaded', true],
    ['Summary or Text is required. Request failed.', 'server', true],
  ] as const)('of 200 %j says that nothing is', async (body, category, retryable) => {
    const error = await rejection((await start(says(200, body))).post({ text: 'x' }))
    expect(error).toMatchObject({ category, retryable, mayHaveTakenEffect: false })
    expect(everythingIn(error)).not.toContain('tcid')
  })

  it.each([
    [400, 'client', false],
    [401, 'auth', false],
    [404, 'configuration', false],
    [410, 'configuration', false],
    [429, 'rate-limit', false],
    [502, 'server', true],
  ] as const)('of %i is of the category %s', async (status, category, mayHaveTakenEffect) => {
    const error = await rejection((await start(says(status, 'the words of somebody'))).post({ text: 'x' }))
    expect(error).toMatchObject({ category, mayHaveTakenEffect })
    expect(everythingIn(error)).not.toContain('somebody')
    expect(everythingIn(error)).not.toContain(SIGNATURE)
  })

  it('of a page that is not Teams is no delivery', async () => {
    const error = await rejection((await start(says(200, '<html>Sign in</html>'))).post({ text: 'x' }))
    expect(error).toMatchObject({ code: 'MALFORMED_REPLY', category: 'malformed', retryable: false })
  })
})

describe('a channel behind an integration', () => {
  const integration = () =>
    createIntegration({ name: 'teams', retry: { maxRetries: 3, backoffMs: 1, maxBackoffMs: 2 }, breaker: false })

  it('is asked again after what has certainly not been delivered', async () => {
    let asked = 0
    const channel = await start((_, response) => response.end(asked++ === 0 ? THROTTLED.replace('429', '503') : '1'), {
      integration: integration(),
    })
    await channel.post({ text: 'x' })
    expect(server.requests).toHaveLength(2)
  })

  it('is not asked again where the message may be there', async () => {
    const channel = await start((_, __, raw) => raw.socket.destroy(), { integration: integration() })
    expect(await rejection(channel.post({ text: 'x' }))).toMatchObject({ mayHaveTakenEffect: true })
    expect(server.requests).toHaveLength(1)
  })

  it('gets a message once for a key, and another message with the same key not at all', async () => {
    const channel = await start(says(202), { integration: integration() })
    const key = { idempotencyKey: 'ticket-1' }
    await Promise.all([channel.post({ text: 'x' }, key), channel.post({ text: 'x' }, key)])
    expect(server.requests).toHaveLength(1)
    expect(await rejection(channel.post({ text: 'y' }, key))).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('lets go at once when the caller gives up', async () => {
    const caller = new AbortController()
    const channel = await start(() => undefined, { integration: integration() })
    const posted = rejection(channel.post({ text: 'x' }, { signal: caller.signal }))
    await server.openIs(1)
    caller.abort('gone')
    expect(await posted).toBe('gone')
    await server.openIs(0)
  })
})

it('refuses an address that is none, without repeating it', () => {
  expect(() => createTeams({ webhookUrl: `ftp://x/?sig=${SIGNATURE}` })).toThrow(
    'the address of Microsoft Teams must be an http or https URL',
  )
})
