import { beforeEach, describe, expect, it } from 'vitest'
import { apollo } from '../src/apollo/apollo.ts'
import { createWorld, type World } from '../src/world/world.ts'
import { asker, type Json } from './vendor.ts'

let world: World
let time = Date.UTC(2026, 10, 23)
let ask: ReturnType<typeof asker>
let askUnknown: ReturnType<typeof asker>
beforeEach(async () => {
  world = await createWorld({ now: () => time })
  const vendor = apollo(world, { now: () => time })
  ask = asker(vendor, { 'x-api-key': 'sandbox-key' })
  askUnknown = asker(vendor)
})

describe('people search', () => {
  const search = '/api/v1/mixed_people/api_search'

  it('takes its filters from the query and hides last names and addresses', async () => {
    const { status, json } = await ask(
      'POST',
      `${search}?person_titles[]=executive+assistant&person_locations[]=San+Francisco`,
    )
    expect(status).toBe(200)
    expect(json.total_entries).toBeGreaterThan(0)
    for (const person of json.people) {
      expect(person.title).toMatch(/executive assistant/i)
      expect(person.last_name_obfuscated).toMatch(/^.{2}\*\*\*.$/)
      expect(person).not.toHaveProperty('email')
      expect(person).not.toHaveProperty('last_name')
      expect(person.organization.name).toBeTypeOf('string')
    }
  })

  it('pages through everybody without repeating or leaving out anyone', async () => {
    const seen: string[] = []
    for (let page = 1; ; page += 1) {
      const { json } = await ask('POST', `${search}?person_seniorities[]=c_suite&page=${page}&per_page=50`)
      seen.push(...json.people.map(({ id }: Json) => id))
      if (json.people.length < 50) {
        expect(json.total_entries).toBe(seen.length)
        break
      }
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe(world.people.filter(({ seniority }) => seniority === 'c_suite').length)
  })

  it.each(['per_page=101', 'page=501', 'page=0', 'per_page=x'])('refuses %s', async (query) => {
    expect(await ask('POST', `${search}?${query}`)).toMatchObject({
      status: 422,
      json: { error: 'Invalid parameters' },
    })
  })

  it('refuses a key that is no master key', async () => {
    const { status, json } = await ask('POST', search, { headers: { 'x-api-key': 'limited-key' } })
    expect(status).toBe(403)
    expect(json.error_code).toBe('API_INACCESSIBLE')
    expect(json.error).toContain('api/v1/mixed_people/api_search')
  })
})

describe('enrichment', () => {
  it('finds a person by address and shows the company', async () => {
    const known = world.people[3]!
    const { json } = await ask('POST', `/api/v1/people/match?email=${encodeURIComponent(known.email)}`)
    expect(json.person).toMatchObject({
      id: known.id,
      name: `${known.firstName} ${known.lastName}`,
      email: known.email,
      organization: { primary_domain: known.organisation.domain },
    })
  })

  it('answers 200 without a match', async () => {
    expect(await ask('POST', '/api/v1/people/match?name=Nobody+Atall')).toMatchObject({
      status: 200,
      json: { person: null },
    })
  })

  it('takes ten at once and no more', async () => {
    const details = [{ email: world.people[0]!.email }, { first_name: 'No', last_name: 'Body' }]
    const { json } = await ask('POST', '/api/v1/people/bulk_match', { body: { details } })
    expect(json).toMatchObject({
      status: 'success',
      total_requested_enrichments: 2,
      missing_records: 1,
      credits_consumed: 1,
    })
    expect(json.matches).toEqual([expect.objectContaining({ id: world.people[0]!.id }), null])
    const many = await ask('POST', '/api/v1/people/bulk_match', {
      body: { details: Array.from({ length: 11 }, () => ({})) },
    })
    expect(many).toMatchObject({ status: 400, json: { error_code: 'RECORD_LIMIT_EXCEEDED' } })
    expect(await ask('POST', '/api/v1/people/bulk_match', { body: {} })).toMatchObject({ status: 400 })
  })
})

describe('organization search', () => {
  it('finds by place and field, with paging', async () => {
    const query = 'organization_locations[]=United+States&q_organization_keyword_tags[]=biotech&per_page=3'
    const { json } = await ask('POST', `/api/v1/mixed_companies/search?${query}`)
    expect(json.organizations.length).toBeLessThanOrEqual(3)
    expect(json.pagination).toEqual({
      page: 1,
      per_page: 3,
      total_entries: expect.any(Number),
      total_pages: Math.ceil(json.pagination.total_entries / 3),
    })
    for (const { country, industry } of json.organizations) {
      expect([country, industry]).toEqual(['United States', 'biotechnology'])
    }
  })
})

describe('sequences', () => {
  async function contact(email: string): Promise<Json> {
    return (await ask('POST', `/api/v1/contacts?email=${encodeURIComponent(email)}&run_dedupe=true`)).json.contact
  }

  it('adds a contact to a sequence, once', async () => {
    const created = await contact(world.people[5]!.email)
    expect(created).toMatchObject({ first_name: world.people[5]!.firstName, emailer_campaign_ids: [] })
    const found = await ask('POST', '/api/v1/emailer_campaigns/search?q_name=winter+ski')
    expect(found.json.pagination.total_entries).toBe(1)
    const [sequence] = found.json.emailer_campaigns
    const { json: mailboxes } = await ask('GET', '/api/v1/email_accounts')
    const add = `/api/v1/emailer_campaigns/${sequence.id}/add_contact_ids?emailer_campaign_id=${sequence.id}&send_email_from_email_account_id=${mailboxes.email_accounts[0].id}`
    for (let times = 0; times < 2; times += 1) {
      const { status, json } = await ask(
        'POST',
        `${add}&contact_ids[]=${created.id}&contact_ids[]=66e34b810000000000000fff`,
      )
      expect(status).toBe(200)
      expect(json.contacts).toMatchObject([{ id: created.id, emailer_campaign_ids: [sequence.id] }])
      expect(json.skipped_contact_ids).toEqual({ '66e34b810000000000000fff': 'contact_not_found' })
    }
    expect(await ask('POST', add)).toMatchObject({
      status: 422,
      json: { error: 'Please specify either contact_ids or label_names.' },
    })
    const without = `/api/v1/emailer_campaigns/${sequence.id}/add_contact_ids?contact_ids[]=${created.id}`
    expect((await ask('POST', without)).json.error).toContain('emailer_campaign_id')
  })

  it('creates a contact again unless it is told to look for duplicates', async () => {
    const first = await contact('someone@new.example')
    expect((await contact('someone@new.example')).id).toBe(first.id)
    const { json } = await ask('POST', '/api/v1/contacts', {
      body: { email: 'someone@new.example', first_name: 'Some' },
    })
    expect(json.contact.id).not.toBe(first.id)
    const found = await ask('POST', '/api/v1/contacts/search?q_keywords=someone@new.example')
    expect(found.json.contacts).toHaveLength(2)
  })

  it('refuses a key that is no master key', async () => {
    const headers = { 'x-api-key': 'limited' }
    for (const [method, path] of [
      ['POST', '/api/v1/emailer_campaigns/search'],
      ['POST', '/api/v1/emailer_campaigns/66e9e215ece19801b219997f/add_contact_ids'],
      ['GET', '/api/v1/email_accounts'],
    ] as const) {
      expect((await ask(method, path, { headers })).status).toBe(403)
    }
  })
})

describe('manners', () => {
  it('refuses a caller without a key in plain text, and takes OAuth tokens', async () => {
    const { status, text, headers } = await askUnknown('POST', '/api/v1/people/match')
    expect(status).toBe(401)
    expect(headers['content-type']).toContain('text/plain')
    expect(text).toContain('Invalid API key')
    expect((await askUnknown('GET', '/api/v1/auth/health', { headers: { authorization: 'Bearer t' } })).status).toBe(
      200,
    )
  })

  it('says in the headers of good replies how many requests are left', async () => {
    const first = await ask('GET', '/api/v1/auth/health')
    const second = await ask('GET', '/api/v1/auth/health')
    expect(first.json).toMatchObject({ is_logged_in: true })
    for (const window of ['minute', 'hourly', 'daily']) {
      const left = (reply: { headers: Readonly<Record<string, string>> }) =>
        Number(reply.headers[`x-${window}-requests-left`])
      expect(left(second)).toBe(left(first) - 1)
      expect(Number(first.headers[`x-rate-limit-${window}`])).toBe(left(first) + 1)
    }
    time += 61_000
    expect((await ask('GET', '/api/v1/auth/health')).headers['x-minute-usage']).toBe('1')
  })

  it('knows no other paths', async () => {
    expect((await ask('POST', '/api/v1/mixed_people/nothing')).status).toBe(404)
    expect((await ask('GET', '/api/v1/people/match')).status).toBe(404)
  })
})
