import { createResend } from '@holdfast/connectors/email'
import { createTeams } from '@holdfast/connectors/teams'
import { createIntegration } from '@holdfast/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../src/index.ts'
import { Outbox } from '../src/outbox/outbox.ts'
import { resend as standIn } from '../src/resend/resend.ts'
import { call } from './call.ts'
import { asker } from './vendor.ts'

const guard = { retry: { maxRetries: 2, backoffMs: 1 }, breaker: false } as const

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
afterEach(async () => {
  await sandbox.faults.clear()
  sandbox.clearArrived()
  sandbox.clearRequests()
})

async function arrived(query = ''): Promise<unknown> {
  return JSON.parse((await call(`${sandbox.url}/arrived${query}`)).body)
}

describe('e-mail by Resend', () => {
  const mailer = () =>
    createResend({
      apiKey: 're_sandbox',
      from: { name: 'Desk', address: 'desk@charter.example' },
      baseUrl: sandbox.services.resend.url,
      integration: createIntegration({ name: 'resend', ...guard }),
    })
  const message = { to: 'ada@b.example', subject: 'Your quote', text: 'Two jets.' }

  it('arrives once, though the reply is lost twice, and can be read', async () => {
    const mail = mailer()
    await sandbox.faults.set('resend', { fault: 'cut', next: 2 })
    const { id } = await mail.send(message)
    expect(sandbox.requests('resend')).toHaveLength(3)
    const content = {
      from: '"Desk" <desk@charter.example>',
      to: ['ada@b.example'],
      subject: 'Your quote',
      text: 'Two jets.',
    }
    expect(sandbox.arrived('resend')).toEqual([{ service: 'resend', id, at: expect.any(Number), content }])
    expect(await arrived('?service=resend')).toEqual(sandbox.arrived())
    const read = await call(`${sandbox.services.resend.url}/emails/${id}`, { headers: { authorization: 'Bearer k' } })
    expect(JSON.parse(read.body)).toMatchObject({ object: 'email', id, last_event: 'delivered', subject: 'Your quote' })
    await mail.close()
  })

  it('with a key that stood for another message is refused', async () => {
    const [one, other] = [mailer(), mailer()]
    await one.send(message, { idempotencyKey: 'k1' })
    await expect(other.send({ ...message, text: 'Three jets.' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    expect(sandbox.arrived('resend')).toHaveLength(1)
    await Promise.all([one.close(), other.close()])
  })

  it('shows attachments by their names', async () => {
    const mail = mailer()
    await mail.send({ ...message, attachments: [{ filename: 'quote.pdf', content: new Uint8Array([1, 2]) }] })
    expect(sandbox.arrived()).toMatchObject([{ content: { attachments: [{ filename: 'quote.pdf' }] } }])
    await mail.close()
  })

  it('forgets a key after a day, and refuses what is no message', async () => {
    let now = 0
    const outbox = new Outbox(() => now)
    const ask = asker(standIn(outbox, { now: () => now }), { authorization: 'Bearer k', 'idempotency-key': 'k' })
    const body = { from: 'a@b.example', to: 'c@d.example', subject: 'x', html: 'y' }
    const send = async (fields: object = {}) =>
      (await ask('POST', '/resend/emails', { body: { ...body, ...fields } })).json
    const { id } = await send()
    expect(await send()).toEqual({ id })
    now += 86_400_000
    expect(await send()).not.toEqual({ id })
    const other = { headers: { 'idempotency-key': '' } }
    for (const wrong of [{ from: 'x' }, { to: [] }, { subject: undefined }, { html: undefined }]) {
      const refused = await ask('POST', '/resend/emails', { ...other, body: { ...body, ...wrong } })
      expect(refused).toMatchObject({ status: 422, json: { name: 'validation_error' } })
    }
    expect(outbox.list()).toHaveLength(2)
    expect((await ask('GET', '/resend/emails')).json.data).toHaveLength(2)
    expect((await asker(standIn(outbox, { now: () => now }))('GET', '/resend/emails')).json.name).toBe(
      'missing_api_key',
    )
  })
})

describe('Microsoft Teams', () => {
  const channel = (path: 'workflow' | 'webhook') =>
    createTeams({
      webhookUrl: sandbox.services.teams.url.replace('workflow', path),
      integration: createIntegration({ name: 'teams', ...guard, retry: false }),
    })

  it.each(['workflow', 'webhook'] as const)('takes a card through a %s, which can be read', async (path) => {
    const teams = channel(path)
    await teams.post({ title: 'Ticket 7', text: 'The jet is late.' })
    expect(sandbox.requests('teams').map(({ status }) => status)).toEqual([path === 'workflow' ? 202 : 200])
    const [message] = sandbox.arrived('teams')
    expect(message?.content).toMatchObject({ type: 'AdaptiveCard' })
    expect(JSON.stringify(message?.content)).toContain('The jet is late.')
    await teams.close()
  })

  it('says 200 and delivers nothing when it is told to', async () => {
    const teams = channel('webhook')
    await sandbox.faults.set('teams', { fault: 'malformed', variant: 'error-body' })
    await expect(teams.post({ text: 'x' })).rejects.toMatchObject({ category: 'rate-limit', status: 429 })
    await teams.close()
  })

  it('refuses what is no card, what is too large, and other addresses', async () => {
    const url = sandbox.services.teams.url
    const send = async (body: object, to = url) => (await call(to, { method: 'POST', body })).status
    expect(await send({ text: 'x' })).toBe(400)
    expect(await send({ text: 'x'.repeat(30_000) })).toBe(413)
    expect(await send({}, `${url}/other`)).toBe(404)
    expect(sandbox.arrived()).toEqual([])
  })
})

it('what has arrived can be forgotten, and is listed for one service only where there is one', async () => {
  expect((await call(`${sandbox.url}/arrived?service=n8n`)).status).toBe(400)
  expect((await call(`${sandbox.url}/arrived`, { method: 'DELETE' })).status).toBe(200)
  const outbox = new Outbox(() => 0, 2)
  for (const id of ['1', '2', '3']) outbox.add('teams', id, {})
  expect(outbox.list().map(({ id }) => id)).toEqual(['2', '3'])
})
