import { describe, expect, it } from 'vitest'
import { Journal } from './journal.ts'

function at(start: number): { now: () => number; pass: (ms: number) => void } {
  let time = start
  return { now: () => time, pass: (ms) => void (time += ms) }
}

describe('Journal', () => {
  it('lists a request as open until it has ended', () => {
    const clock = at(1_000)
    const journal = new Journal({ now: clock.now })
    const entry = journal.arrived('n8n', 'POST', '/webhook/charter-desk')
    expect(journal.list()).toEqual([
      { service: 'n8n', method: 'POST', path: '/webhook/charter-desk', at: 1_000, open: true },
    ])
    clock.pass(40)
    entry.ended({ status: 200, aborted: false })
    expect(journal.list()).toEqual([
      {
        service: 'n8n',
        method: 'POST',
        path: '/webhook/charter-desk',
        at: 1_000,
        open: false,
        status: 200,
        durationMs: 40,
      },
    ])
  })

  it('says which fault struck and whether the client left', () => {
    const journal = new Journal()
    const entry = journal.arrived('llm', 'POST', '/v1/chat/completions')
    entry.faulted('hang')
    entry.ended({ aborted: true })
    expect(journal.list()[0]).toMatchObject({ fault: 'hang', aborted: true, open: false })
    expect(journal.list()[0]).not.toHaveProperty('status')
  })

  it('counts only the first end', () => {
    const journal = new Journal()
    const entry = journal.arrived('llm', 'GET', '/v1/models')
    entry.ended({ status: 200, aborted: false })
    entry.ended({ aborted: true })
    expect(journal.list()[0]).not.toHaveProperty('aborted')
    expect(journal.summary()[0]).toMatchObject({ aborted: 0 })
  })

  it('filters by service', () => {
    const journal = new Journal()
    journal.arrived('n8n', 'GET', '/healthz')
    journal.arrived('apollo', 'GET', '/api/v1/auth/health')
    expect(journal.list({ service: 'apollo' }).map(({ path }) => path)).toEqual(['/api/v1/auth/health'])
  })

  it('keeps the newest records only', () => {
    const journal = new Journal({ maxRecords: 10 })
    for (let index = 0; index < 100; index += 1) journal.arrived('n8n', 'GET', `/${index}`)
    expect(journal.list().map(({ path }) => path)).toEqual(Array.from({ length: 10 }, (_, index) => `/${index + 90}`))
  })

  it('shows bodies only when asked, and keeps few of them', () => {
    const journal = new Journal({ maxBodies: 2 })
    for (const name of ['a', 'b', 'c']) journal.arrived('llm', 'POST', '/').kept('x=1', `{"name":"${name}"}`)
    expect(journal.list().every((record) => !('body' in record) && !('query' in record))).toBe(true)
    expect(journal.list({ bodies: true }).map(({ body }) => body)).toEqual([undefined, '{"name":"b"}', '{"name":"c"}'])
  })

  it('shows whose request it was, by its id', () => {
    const journal = new Journal()
    journal.arrived('apollo', 'POST', '/a').kept('', '', 'r-1')
    journal.arrived('apollo', 'POST', '/b').kept('', '', '')
    expect(journal.list({ bodies: true }).map(({ requestId }) => requestId)).toEqual(['r-1', undefined])
    expect(journal.list()[0]).not.toHaveProperty('requestId')
  })

  it('removes secrets from bodies and queries before it keeps them', () => {
    const journal = new Journal()
    const body =
      '{"apiKey":"s3cret","api_key":"s3cret","nested":{"access_token":"a\\"s3cret"},"password" : "s3cret","text":"my key is here"}'
    journal.arrived('apollo', 'POST', '/').kept('api_key=s3cret&page=2&token=s3cret', body)
    const [record] = journal.list({ bodies: true })
    expect(JSON.stringify(record)).not.toContain('s3cret')
    expect(record?.query).toBe('api_key=removed&page=2&token=removed')
    expect(JSON.parse(record?.body ?? '')).toMatchObject({ apiKey: 'removed', text: 'my key is here' })
  })

  it('keeps search words, whose names only begin like those of secrets', () => {
    const journal = new Journal()
    journal.arrived('apollo', 'POST', '/a').kept('q_keywords=yacht&api_key=s&q_organization_keyword_tags%5B%5D=spa', '')
    expect(journal.list({ bodies: true })[0]?.query).toBe(
      'q_keywords=yacht&api_key=removed&q_organization_keyword_tags%5B%5D=spa',
    )
  })

  it('cuts long bodies', () => {
    const journal = new Journal()
    journal.arrived('llm', 'POST', '/').kept('', `"${'x'.repeat(50_000)}"`)
    expect(journal.list({ bodies: true })[0]?.body).toHaveLength(8_192)
  })

  it('counts requests per slice of time', () => {
    const clock = at(100_000)
    const journal = new Journal({ now: clock.now })
    for (let index = 0; index < 5; index += 1) {
      journal.arrived('n8n', 'POST', '/webhook/charter-desk').faulted('error')
      clock.pass(4_000)
    }
    journal.arrived('n8n', 'GET', '/healthz')
    expect(journal.summary({ service: 'n8n', path: '/webhook', sliceMs: 10_000 })).toEqual([
      { service: 'n8n', at: 100_000, sliceMs: 10_000, requests: 3, faulted: 3, aborted: 0 },
      { service: 'n8n', at: 110_000, sliceMs: 10_000, requests: 2, faulted: 2, aborted: 0 },
    ])
    expect(journal.summary({ sliceMs: 1_000 }).map(({ at: from, requests }) => [from, requests])).toEqual([
      [100_000, 1],
      [104_000, 1],
      [108_000, 1],
      [112_000, 1],
      [116_000, 1],
      [120_000, 1],
    ])
  })

  it('counts on when the records have long been dropped', () => {
    const journal = new Journal({ maxRecords: 10, now: () => 5_000 })
    for (let index = 0; index < 1_000; index += 1) journal.arrived('n8n', 'POST', '/webhook/charter-desk')
    expect(journal.summary()[0]).toMatchObject({ requests: 1_000 })
  })

  it('keeps counts of a bounded time and of a bounded number of paths', () => {
    const clock = at(0)
    const journal = new Journal({ maxSeconds: 5, now: clock.now })
    for (let index = 0; index < 20; index += 1) {
      journal.arrived('n8n', 'GET', '/healthz')
      clock.pass(1_000)
    }
    expect(journal.summary()).toHaveLength(5)
    for (let index = 0; index < 500; index += 1) journal.arrived('avinode', 'GET', `/api/quotes/aquote-${index}`)
    expect(journal.summary({ service: 'avinode' })).toMatchObject([{ requests: 500 }])
    expect(journal.summary({ service: 'avinode', path: '/api' })).toMatchObject([{ requests: 100 }])
  })

  it('forgets everything when cleared, and what ends later changes nothing', () => {
    const journal = new Journal()
    const entry = journal.arrived('n8n', 'GET', '/healthz')
    journal.clear()
    entry.ended({ status: 200, aborted: false })
    expect(journal.list()).toEqual([])
    expect(journal.summary()).toEqual([])
  })
})
