import { describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, fakeApp } from '../../test/fakes.ts'

const host = { host: '127.0.0.1:4600' }

describe('GET /health', () => {
  it('lists every dependency and says that the sandbox is in use', async () => {
    const { app } = await fakeApp({ context: { sandbox: { controlUrl: 'http://127.0.0.1:1', running: true } } })
    const response = await app.inject({ url: '/health', headers: host })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      status: 'healthy',
      version: '1.2.3',
      sandbox: { services: ['n8n'], running: true },
      assistants: [{ name: 'desk', status: 'healthy' }],
      dependencies: [{ name: 'n8n', kind: 'webhook', status: 'healthy', circuit: 'closed', sandbox: true }],
    })
  })

  it('is 503 with the time since when, once nothing is left but remembered and offline answers', async () => {
    const { app, integration } = await fakeApp()
    integration.circuit.isolate()
    const response = await app.inject({ url: '/health', headers: host })
    expect(response.statusCode).toBe(503)
    expect(response.json()).toMatchObject({
      status: 'unavailable',
      assistants: [{ status: 'unavailable' }],
      dependencies: [{ circuit: 'isolated', since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) }],
    })
  })

  it('is 200 while an assistant answers alone, and says that it is degraded', async () => {
    const { context, integration } = await fakeApp()
    const running = context.assistants.get('desk')!
    const assistants = new Map([['desk', { ...running, definition: { ...running.definition, answersAlone: true } }]])
    const { app } = await fakeApp({ context: { assistants, integrations: [integration] } })
    integration.circuit.isolate()
    const response = await app.inject({ url: '/health', headers: host })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ status: 'degraded', assistants: [{ status: 'degraded' }] })
  })

  it('stays reachable while the server stops, and says so', async () => {
    const { app, context } = await fakeApp()
    await context.answers.stop(0)
    const all = await Promise.all(
      ['/health', '/health/ready', '/health/live', '/metrics'].map((url) => app.inject({ url, headers: host })),
    )
    expect(all.map(({ statusCode }) => statusCode)).toEqual([503, 503, 200, 200])
    expect(all[0]?.json().status).toBe('stopping')
  })
})

describe('tickets of emergencies that are not delivered', () => {
  it('are told by /health, and make nothing unready', async () => {
    const emergency = { undelivered: 3, givenUp: 1, delivery: 'waiting', journal: 'failed' } as const
    const { app } = await fakeApp({ context: { emergency: () => emergency } })
    const response = await app.inject({ url: '/health', headers: host })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ status: 'healthy', emergency })
    expect((await app.inject({ url: '/health/ready', headers: host })).statusCode).toBe(200)
  })

  it('are not told where there is no such thing', async () => {
    const { app } = await fakeApp()
    expect((await app.inject({ url: '/health', headers: host })).json()).not.toHaveProperty('emergency')
  })
})

describe('while the server stops', () => {
  it('refuses new work with 503 and closes the connection', async () => {
    const { app, context } = await fakeApp()
    await context.answers.stop(0)
    const payload = { model: 'desk', messages: [{ role: 'user', content: 'x' }] }
    const response = await app.inject({ method: 'POST', url: '/v1/chat/completions', headers: host, payload })
    expect(response.statusCode).toBe(503)
    expect(response.json().error.code).toBe('shutting_down')
    expect(response.headers.connection).toBe('close')
  })
})

describe('GET /metrics', () => {
  it('counts what the events tell, in the format of Prometheus', async () => {
    const { app, context, integration } = await fakeApp()
    context.events.on((event) => context.metrics.observe(event))
    context.metrics.observe({ type: 'call-succeeded', at: 0, integration: 'n8n', durationMs: 1, attempts: 1 })
    integration.circuit.isolate()
    const { body, headers } = await app.inject({ url: '/metrics', headers: host })
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(body).toContain('holdfast_calls_total{integration="n8n",outcome="succeeded"} 1')
    expect(body).toContain('holdfast_circuit_state{integration="n8n",state="isolated"} 1')
    expect(body).toContain('holdfast_circuit_state{integration="n8n",state="closed"} 0')
  })

  it('tells of pulls by their source alone, of none before there is one, and when each was read last', async () => {
    const { app, context } = await fakeApp()
    const pull = { at: 0, tenant: 'tenant-of-somebody', source: 'crm', records: 7, durationMs: 90_000 }
    context.metrics.observe({ ...pull, type: 'sync-pulled', changed: 1, refused: 0, recovered: false })
    const failure = { code: 'X', category: 'network', error: 'secret', failures: 1 } as const
    context.metrics.observe({ ...pull, ...failure, type: 'sync-pull-failed', records: 2 })
    const { body } = await app.inject({ url: '/metrics', headers: host })
    for (const line of [
      'holdfast_sync_pulls_total{source="crm",outcome="succeeded"} 1',
      'holdfast_sync_pulls_total{source="crm",outcome="failed"} 1',
      'holdfast_sync_records_total{source="crm"} 9',
      'holdfast_sync_pull_duration_seconds_bucket{source="crm",outcome="failed",le="300"} 1',
      'holdfast_sync_last_success_timestamp_seconds{source="crm"} 1.5',
      'holdfast_sync_conflicts{kind="client"} 2',
    ])
      expect(body).toContain(line)
    expect(body).not.toMatch(/somebody|secret/)
  })

  it('tells how many writes wait for a person', async () => {
    const { app } = await fakeApp()
    const { body } = await app.inject({ url: '/metrics', headers: host })
    expect(body).toContain('holdfast_unconfirmed_writes 3')
  })

  it('never takes a path that came as a label', async () => {
    const { app } = await fakeApp()
    await app.inject({ url: '/a-path-of-an-attacker', headers: host })
    expect((await app.inject({ url: '/metrics', headers: host })).body).not.toContain('attacker')
  })
})

describe('/admin', () => {
  const authorised = { ...host, authorization: `Bearer ${ADMIN_TOKEN}` }

  it.each([
    ['no token', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['another scheme', { authorization: `Basic ${ADMIN_TOKEN}` }],
    ['more than the token', { authorization: `Bearer ${ADMIN_TOKEN}x` }],
  ])('refuses %s on every route', async (_title, headers) => {
    const { app, integration } = await fakeApp()
    for (const [method, url] of [
      ['GET', '/admin/system-status'],
      ['POST', '/admin/reset-circuits'],
      ['POST', '/admin/circuits/n8n/open'],
    ] as const) {
      const response = await app.inject({ method, url, headers: { ...host, ...headers } })
      expect(response.statusCode).toBe(401)
      expect(response.json().error.code).toBe('admin_token_required')
    }
    expect(integration.circuit.state).toBe('closed')
  })

  it('opens, closes and resets a circuit by hand', async () => {
    const { app, integration } = await fakeApp()
    const act = (path: string) => app.inject({ method: 'POST', url: `/admin/${path}`, headers: authorised })
    expect((await act('circuits/n8n/open')).json()).toEqual({ name: 'n8n', circuit: 'open' })
    expect((await act('circuits/n8n/close')).json()).toEqual({ name: 'n8n', circuit: 'closed' })
    integration.circuit.isolate()
    expect((await act('circuits/n8n/reset')).json()).toEqual({ name: 'n8n', circuit: 'closed' })
    integration.circuit.isolate()
    expect((await act('reset-circuits')).json()).toEqual({ circuits: [{ name: 'n8n', circuit: 'closed' }] })
  })

  it('names the circuits there are when one is not', async () => {
    const { app } = await fakeApp()
    const response = await app.inject({ method: 'POST', url: '/admin/circuits/n8m/open', headers: authorised })
    expect(response.statusCode).toBe(404)
    expect(response.json().error).toMatchObject({
      code: 'circuit_not_found',
      message: 'There is no circuit named "n8m". Did you mean "n8n"? There are: n8n.',
    })
  })

  it('tells the state of everything', async () => {
    const { app } = await fakeApp()
    const response = await app.inject({ url: '/admin/system-status', headers: authorised })
    expect(response.json()).toMatchObject({
      status: 'healthy',
      answersUnderWay: 0,
      sessions: 0,
      process: { pid: process.pid },
      integrations: [{ name: 'n8n', totals: { calls: 0 } }],
    })
  })
})
