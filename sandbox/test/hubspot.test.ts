import { createHubSpot } from '@holdfast/connectors/hubspot'
import type { HubSpot } from '@holdfast/connectors/hubspot'
import { createIntegration } from '@holdfast/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { find } from '../src/hubspot/find.ts'
import { hubspot as standIn } from '../src/hubspot/hubspot.ts'
import { startSandbox, type Sandbox } from '../src/index.ts'
import { createWorld } from '../src/world/world.ts'
import { asker } from './vendor.ts'

let sandbox: Sandbox
let hubspot: HubSpot
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(async () => {
  await hubspot.close()
  await sandbox.close()
})
afterEach(async () => {
  await sandbox.faults.clear()
})

function client(version?: string): HubSpot {
  hubspot = createHubSpot({
    accessToken: 'sandbox-key',
    baseUrl: sandbox.services.hubspot.url,
    version,
    integration: createIntegration({ name: 'hubspot', retry: { maxRetries: 1, backoffMs: 1 }, breaker: false }),
  })
  return hubspot
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe.each([undefined, 'v3'])('HubSpot, version %s', (version) => {
  it('has contacts who belong to companies', async () => {
    const crm = client(version)
    const [first] = (await crm.search('contacts', { filters: [{ property: 'email', operator: 'HAS_PROPERTY' }] })).items
    const email = first?.properties['email'] ?? ''
    expect(await crm.get('contacts', { id: email.toUpperCase(), idProperty: 'email' })).toMatchObject({ id: first?.id })
    expect(await crm.get('contacts', { id: '1' })).toBeUndefined()
    const contacts = await all(crm.records('contacts', { text: '@', limit: 60 }))
    expect(new Set(contacts.map(({ id }) => id)).size).toBe(contacts.length)
    expect(contacts.length).toBeGreaterThanOrEqual(200)
    const related = await Promise.all(
      contacts.slice(0, 5).map(({ id }) => all(crm.associations({ type: 'contacts', id }, 'companies'))),
    )
    const company = related.flat()[0]
    expect(await crm.get('companies', { id: company?.id ?? '', properties: ['name'] })).toMatchObject({
      properties: { name: expect.any(String) },
    })
  })

  it('keeps what is upserted, created, changed and put together', async () => {
    const crm = client(version)
    const id = `new-${version ?? 'dated'}@charter.example`
    const record = { id, idProperty: 'email', properties: { firstname: 'Nell' } }
    const { id: contact, created } = await crm.upsert('contacts', record)
    expect(created).toBe(true)
    expect(await crm.upsert('contacts', { ...record, properties: { lastname: 'Trent' } })).toMatchObject({
      id: contact,
      created: false,
      properties: { email: id, firstname: 'Nell', lastname: 'Trent' },
    })
    await expect(crm.create('contacts', { email: id })).rejects.toMatchObject({ code: 'RECORD_EXISTS' })
    const deal = await crm.create('deals', { dealname: 'Nice', amount: 9_800 })
    await crm.associate({ type: 'deals', id: deal.id }, { type: 'contacts', id: contact })
    expect(await all(crm.associations({ type: 'contacts', id: contact }, 'deals'))).toEqual([
      { id: deal.id, labels: [] },
    ])
    const updated = await crm.update('deals', { id: deal.id, properties: { amount: 10_000 } })
    expect(updated.properties['amount']).toBe('10000')
    await expect(crm.update('deals', { id: '1', properties: { amount: 1 } })).rejects.toMatchObject({
      code: 'RECORD_NOT_FOUND',
    })
    expect(crm.rateLimits()).toMatchObject({ daily: { limit: 10_000_000 }, window: { intervalMs: 10_000 } })
  })
})

describe('a limit', () => {
  it('is that of ten seconds', async () => {
    const crm = client()
    await sandbox.faults.set('hubspot', { fault: 'rate-limit', next: 1, retryAfterSeconds: 0 })
    await crm.health()
    await sandbox.faults.set('hubspot', { fault: 'rate-limit', next: 1 })
    await expect(crm.health()).rejects.toMatchObject({ category: 'rate-limit' })
  })

  it('is that of a day when the fault says so', async () => {
    const crm = client()
    await sandbox.faults.set('hubspot', { fault: 'error', status: 429, body: { policyName: 'DAILY' } })
    await expect(crm.health()).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED', category: 'quota' })
    await expect(crm.health()).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED', category: 'rejected' })
  })
})

it('refuses a caller without a token, wrong types, and what is not unique', async () => {
  const vendor = standIn(await createWorld({ now: () => 0 }), { now: () => 0 })
  const ask = asker(vendor, { authorization: 'Bearer k' })
  const base = '/hubspot/crm/objects/2026-03'
  expect((await asker(vendor)('GET', `${base}/contacts/1`)).status).toBe(401)
  expect((await ask('GET', `${base}/rockets/1`)).status).toBe(404)
  expect((await ask('POST', `${base}/deals`, { body: { properties: { amount: 1 } } })).status).toBe(400)
  const inputs = [{ id: 'x', idProperty: 'dealname', properties: {} }]
  expect(await ask('POST', `${base}/deals/batch/upsert`, { body: { inputs } })).toMatchObject({ status: 400 })
  // Searches tell no limits, all else does.
  const searched = await ask('POST', `${base}/deals/search`, { body: { query: 'Charter' } })
  expect(searched).toMatchObject({ status: 200, json: { total: 20, paging: { next: { after: '10' } } } })
  expect(searched.headers).not.toHaveProperty('x-hubspot-ratelimit-daily')
})

it('filters as HubSpot does', () => {
  const records = ['1', '5', '10', ''].map((amount, index) => ({
    id: String(index),
    type: 'deals' as const,
    properties: { amount, dealname: `Jet to Nice ${amount}` },
    createdAt: '',
    updatedAt: '',
  }))
  const ids = (operator: string, filter: object = {}): string[] => {
    const found = find(records, { filterGroups: [{ filters: [{ propertyName: 'amount', operator, ...filter }] }] })
    return typeof found === 'string' ? [found] : found.rows.map(({ id }) => id)
  }
  expect(ids('EQ', { value: '5' })).toEqual(['1'])
  expect(ids('GT', { value: '4' })).toEqual(['1', '2'])
  expect(ids('BETWEEN', { value: '1', highValue: '5' })).toEqual(['0', '1'])
  expect(ids('IN', { values: ['1', '10'] })).toEqual(['0', '2'])
  expect(ids('NOT_IN', { values: ['1', '10'] })).toEqual(['1', '3'])
  expect(ids('HAS_PROPERTY')).toEqual(['0', '1', '2'])
  expect(ids('NOT_HAS_PROPERTY')).toEqual(['3'])
  expect(ids('LIKE')).toEqual(['operator: LIKE is not one'])
  expect(find(records, { limit: 201 })).toBe('limit: must be 1 to 200')
  expect(find(records, { sorts: [{ propertyName: 'amount', direction: 'DESCENDING' }], limit: 1 })).toMatchObject({
    rows: [{ id: '2' }],
    after: '1',
  })
})
