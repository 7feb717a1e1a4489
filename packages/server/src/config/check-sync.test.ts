import { CHARTER_KINDS } from '@holdfast/agents/sync'
import { describe, expect, it } from 'vitest'
import { checkSchedules } from '../sync/check-schedules.ts'
import { checkConfig, ConfigError } from './check.ts'
import type { HoldfastConfig } from './options.ts'
import { KIND_FIELDS } from './sync-fields.ts'

const assistant = { name: 'a', title: 'A', description: 'x', integrations: [], build: () => null }
const desk = { name: 'desk', title: 'Desk', integrations: [], build: () => null }
const sheet = { from: 'google-sheets', sheet: 'Clients', id: 'E-mail', fields: { email: 'E-mail', name: 'Name' } }
const crm = { from: 'hubspot' }

function configOf(sync: unknown, more: object = {}): HoldfastConfig {
  const contact = { name: 'us', phone: '1' }
  return { contact, integrations: {}, assistants: [assistant], desks: [desk], sync, ...more } as never
}

/** The problems of this section. */
function problems(sync: unknown, more: object = {}): string[] {
  try {
    checkConfig(configOf(sync, more), { file: 'holdfast.config.ts', text: '' })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
}

describe('sync in a configuration', () => {
  it('takes the store, sheets and HubSpot, with an order of trust, strategies and schedules', () => {
    expect(
      problems(
        {
          sources: {
            desk: { from: 'store' },
            sheet: {
              ...sheet,
              modifiedColumn: 'Changed',
              cron: '*/5 * * * *',
              timeZone: 'Europe/Paris',
              tenants: ['acme'],
            },
            crm: { ...crm, tokenVariable: 'CRM_TOKEN', fields: { email: 'email', vip: ['vip_level', 'vip_since'] } },
            fleet: { ...sheet, kind: 'aircraft', fields: { tailNumber: 'Tail', seats: 'Seats' } },
          },
          kinds: {
            client: {
              trust: ['crm', 'sheet'],
              deletion: 'ask',
              fields: { name: 'trusted', email: { strategy: 'trusted', trust: ['sheet'] }, vip: 'ask' },
            },
          },
          keepDeletedMs: 0,
        },
        { tenants: { acme: {} } },
      ),
    ).toEqual([])
  })

  it.each<[string, unknown, object, string]>([
    ['no source', { sources: {} }, {}, 'sync.sources: allowed is 1 to 20 sources; got an object'],
    ['an unknown place', { sources: { a: { from: 'salesforce' } } }, {}, '"store", "google-sheets", "hubspot"'],
    [
      'a misspelt setting',
      { sources: { a: { ...crm, kron: '* * * * *' } } },
      {},
      'sync.sources.a.kron: there is no such setting; did you mean "cron"?',
    ],
    [
      'no columns',
      { sources: { a: { ...sheet, fields: {} } } },
      {},
      'sync.sources.a.fields: allowed is an object of names of columns by field',
    ],
    [
      'no name of the column of changes',
      { sources: { a: { ...sheet, modifiedColumn: ' ' } } },
      {},
      'sync.sources.a.modifiedColumn: allowed is the name of a column, 1 to 200 characters',
    ],
    [
      'a schedule of four fields',
      { sources: { a: { ...crm, cron: '* * * *' } } },
      {},
      'five fields of cron, such as "*/15 * * * *"; got "* * * *"',
    ],
    [
      'no time zone',
      { sources: { a: { ...crm, timeZone: 'Mars/Olympus' } } },
      {},
      'the IANA name of a time zone, such as "America/New_York"; got "Mars/Olympus"',
    ],
    [
      'a key in place of its variable',
      { sources: { a: { ...crm, tokenVariable: 'pat-1' } } },
      {},
      'the name of an environment variable',
    ],
    [
      'an unknown strategy',
      { sources: { a: crm }, kinds: { client: { fields: { name: 'best' } } } },
      {},
      'one of "newest", "trusted", "merge", "ask"',
    ],
    ['no desk', { sources: { a: crm } }, { desks: [] }, 'sync: needs one of `desks`'],
    [
      'a misspelt field',
      { sources: { a: { ...sheet, fields: { email: 'E-mail', nmae: 'Name' } } } },
      {},
      'sync.sources.a.fields.nmae: there is no field of client named "nmae"; there are email, name, phone, company, preferences, tags; is "name" meant?',
    ],
    [
      'no key',
      { sources: { a: { ...sheet, fields: { name: 'Name' } } } },
      {},
      'sync.sources.a.fields: needs email, by which a client is known',
    ],
    [
      'properties that nobody has named',
      { sources: { a: { ...crm, kind: 'quote', type: 'deals' } } },
      {},
      'sync.sources.a: needs `fields`',
    ],
    [
      'another account without its spreadsheet',
      { sources: { a: { ...sheet, keyVariable: 'KEY' } } },
      {},
      'needs a `spreadsheetId`',
    ],
    [
      'an unknown tenant',
      { sources: { a: { ...crm, tenants: ['acm'] } } },
      { tenants: { acme: {} } },
      'sync.sources.a.tenants[0]: there is no tenant named "acm"; there are default, acme; is "acme" meant?',
    ],
    [
      'trust in nobody there',
      { sources: { crm }, kinds: { client: { trust: ['crn'] } } },
      {},
      'sync.kinds.client.trust[0]: there is no source of this kind named "crn"; there are crm; is "crm" meant?',
    ],
    [
      'trust twice',
      { sources: { crm }, kinds: { client: { trust: ['crm', 'crm'] } } },
      {},
      'sync.kinds.client.trust[1]: names "crm" twice',
    ],
    [
      '"trusted" without an order',
      { sources: { crm }, kinds: { client: { fields: { name: 'trusted' } } } },
      {},
      'sync.kinds.client.fields.name: is "trusted", so it needs an order of sources',
    ],
    [
      'a kind of no source',
      { sources: { crm }, kinds: { quote: { trust: ['crm'] } } },
      {},
      'sync.kinds.quote: no source has anything of the kind quote',
    ],
    [
      'a field that nobody tells of',
      { sources: { crm }, kinds: { client: { fields: { vip: 'ask' } } } },
      {},
      'sync.kinds.client.fields.vip: no source says anything of it; they tell of email, name, phone, company',
    ],
  ])('refuses %s', (_what, sync, more, message) => {
    const found = problems(sync, more)
    expect(
      found.some((problem) => problem.includes(message)),
      found.join('\n'),
    ).toBe(true)
  })

  it('refuses a schedule that the queue does not know', () => {
    const check = (cron: string) => () => checkSchedules({ sources: { crm: { from: 'hubspot', cron } } }, new Date(0))
    expect(check('61 * * * *')).toThrow(/sync\.sources\.crm\.cron: .*must have five fields.*got "61 \* \* \* \*"/)
    expect(check('0 9 * * 1-5')).not.toThrow()
  })

  it('knows the fields of each kind as they are brought together', () => {
    const fields = Object.entries(CHARTER_KINDS).map(([kind, { fields: of }]) => [kind, Object.keys(of)])
    expect(KIND_FIELDS).toEqual(Object.fromEntries(fields))
  })
})
