import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { HoldfastConfig } from '../config/options.ts'
import { readEnvironment } from './environment.ts'
import { EnvironmentError } from './variables.ts'
import type { Values } from './variables.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const file = JSON.stringify({ client_email: 'desk@b.example', private_key: pem })
const sheet = { from: 'google-sheets', sheet: 'Clients', id: 'E-mail', fields: { email: 'E-mail' } } as const
const OWN: NonNullable<HoldfastConfig['sync']> = {
  sources: {
    crm: { from: 'hubspot', tokenVariable: 'CRM_TOKEN' },
    sheet: { ...sheet, spreadsheetId: 'own', keyVariable: 'SHEET_KEY' },
  },
}

function problems(values: Values, sync: NonNullable<HoldfastConfig['sync']>): readonly string[] {
  try {
    readEnvironment(values, { sync })
    return []
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return error.problems
  }
}

describe('the accounts that are read', () => {
  it('have their keys in variables of their own, and every line of them is a secret', () => {
    const { syncValues, secrets } = readEnvironment({ CRM_TOKEN: 'token-of-crm', SHEET_KEY: file }, { sync: OWN })
    expect(syncValues).toEqual({ CRM_TOKEN: 'token-of-crm', SHEET_KEY: file })
    expect(secrets).toEqual(expect.arrayContaining(['token-of-crm', file, pem, pem.split('\n')[1]]))
  })

  it('are missed at once, and what came instead is not shown', () => {
    const found = problems({ CRM_TOKEN: 'two words', SHEET_KEY: '{"private_key":"QQQQ"}' }, OWN)
    expect(found).toEqual([
      'CRM_TOKEN: allowed is a token without spaces, in ASCII; what came is not shown',
      expect.stringMatching(/^SHEET_KEY: .*client_email and private_key.*what came is not shown$/),
    ])
    expect(found.join()).not.toMatch(/two words|QQQQ/)
    expect(problems({ SHEET_KEY: file }, OWN)).toEqual([
      'CRM_TOKEN: the configuration reads the source crm by it, but it is not set',
    ])
  })

  it('are all on the sandbox, or none', () => {
    const sync: NonNullable<HoldfastConfig['sync']> = {
      sources: { sheet, crm: { from: 'hubspot' }, desk: { from: 'store' } },
    }
    expect(problems({}, sync)).toEqual([])
    expect(problems({ HUBSPOT_ACCESS_TOKEN: 'token' }, sync)).toEqual([
      expect.stringMatching(
        /^GOOGLE_SHEETS_SPREADSHEET_ID: not set, so that the sources sheet are on the sandbox.*while crm would be real/,
      ),
    ])
    const named: NonNullable<HoldfastConfig['sync']> = { sources: { sheet: { ...sheet, spreadsheetId: 'own' } } }
    expect(problems({}, named)).toEqual([
      expect.stringMatching(/^GOOGLE_SHEETS_SPREADSHEET_ID: the source sheet names/),
    ])
  })

  it('are among the services that are checked and stood in for', () => {
    const sync: NonNullable<HoldfastConfig['sync']> = { sources: { sheet, crm: { from: 'hubspot' } } }
    const { servicesInUse } = readEnvironment({}, { sync })
    expect(servicesInUse).toEqual(expect.arrayContaining(['google-sheets', 'hubspot']))
    const own = readEnvironment({ CRM_TOKEN: 'token-of-crm', SHEET_KEY: file }, { sync: OWN })
    expect(own.servicesInUse).not.toContain('hubspot')
  })
})
