import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RESEND_BASE_URL } from '@holdfast/connectors/email'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withEnvFile } from './env-file.ts'
import { isLoopback, readEnvironment } from './environment.ts'
import type { Values } from './variables.ts'
import { EnvironmentError } from './variables.ts'

const KEY = 'a-key-that-is-long-enough'

/** Gone once the test is over. */
function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-env-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

function directoryWith(text: string): string {
  const directory = emptyDirectory()
  writeFileSync(join(directory, '.env'), text)
  return directory
}

function problems(values: Values, config?: Parameters<typeof readEnvironment>[1]): readonly string[] {
  try {
    readEnvironment(values, config)
    return []
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return error.problems
  }
}

function base64(bytes: number, fill = 1): string {
  return Buffer.alloc(bytes, fill).toString('base64')
}

describe('an empty environment', () => {
  it('means loopback, port 4600, and the sandbox for every service', () => {
    const { host, port, sandboxPort, loopback, services, apiKeys, serverUrl } = readEnvironment({})
    expect({ host, port, sandboxPort, loopback, apiKeys, serverUrl }).toEqual({
      host: '127.0.0.1',
      port: 4600,
      sandboxPort: 4700,
      loopback: true,
      apiKeys: [],
      serverUrl: 'http://127.0.0.1:4600',
    })
    expect(Object.values(services).map(({ sandbox, url }) => [sandbox, url])).toEqual([
      [true, 'http://127.0.0.1:4701/webhook/charter-desk'],
      [true, 'http://127.0.0.1:4702/v1'],
      [true, 'http://127.0.0.1:4703/api/v1'],
      [true, 'http://127.0.0.1:4704/api'],
      [true, 'http://127.0.0.1:4703/google-sheets'],
      [true, 'http://127.0.0.1:4703/google-calendar'],
      [true, 'http://127.0.0.1:4703/cal-com/v2'],
      [true, 'http://127.0.0.1:4703/hubspot'],
      [true, 'http://127.0.0.1:4703/resend'],
      [true, 'http://127.0.0.1:4703/teams/workflow'],
    ])
  })
})

describe('the names in budgets', () => {
  const budgets = (scope: object, per: 'only' | 'except' = 'only') => ({
    budgets: { limits: { day: { period: 'day', maxTokens: 5, [per]: scope } as const } },
  })
  const values = { HOLDFAST_API_KEYS: `acme:${KEY},acme:${KEY}-2` }

  it('are labels of keys that are there, and tenants', () => {
    expect(problems(values, budgets({ key: ['acme.1', 'acme.2'], tenant: ['acme', 'default'] }))).toEqual([])
    const tenants = { acme: { apiKeyVariables: ['ACME_KEY'] } }
    expect(problems({ ACME_KEY: KEY }, { tenants, ...budgets({ key: 'acme_key' }, 'except') })).toEqual([])
  })

  it('are refused with those there are, and a label that is not known is not shown', () => {
    expect(problems(values, budgets({ key: ['acme.1', 'acme.3'], tenant: 'globex' }))).toEqual([
      'budgets.limits.day.only.key[1]: there is no API key with this label; there are acme.1, acme.2; is "acme.1" meant?',
      'budgets.limits.day.only.tenant: there is no tenant "globex"; in HOLDFAST_API_KEYS are default, acme',
    ])
    expect(problems({}, budgets({ key: '0123456789abcdef0123456789abcdef' }))).toEqual([
      'budgets.limits.day.only.key: there is no API key with this label; there are none',
    ])
  })

  it('do not keep an assistant from asking a model that they do not count, but that is said', () => {
    const desk = { name: 'desk', title: 'Desk', description: 'x', integrations: ['llm'], build: () => null as never }
    const local = { provider: 'openai-compatible', model: 'qwen3', baseUrl: 'http://127.0.0.1:8000/v1' } as const
    const config = { models: { local }, assistants: [desk], ...budgets({}) }
    expect(readEnvironment({}, config).warnings).toEqual([
      expect.stringContaining('OPENAI_API_KEY, which is not counted'),
    ])
    expect(readEnvironment({}, { ...config, assistants: [{ ...desk, integrations: [] }] }).warnings).toEqual([])
  })
})

describe('the keys of configured models', () => {
  const models = { claude: { provider: 'anthropic', model: 'claude-sonnet-4-5', apiKeyVariable: 'MY_KEY' } } as const

  it('are read from the variables that the configuration names, and never shown', () => {
    const { modelKeys, secrets } = readEnvironment({ MY_KEY: ` ${KEY} ` }, { models })
    expect(modelKeys).toEqual({ claude: KEY })
    expect(secrets).toEqual([KEY])
  })

  it('are missed when they are not there, and refused when they cannot be sent', () => {
    expect(problems({}, { models })).toEqual([
      'MY_KEY: the configuration says that it holds the key of the model claude, but it is not set',
    ])
    expect(problems({ MY_KEY: `${KEY} two` }, { models })).toEqual([
      'MY_KEY: allowed is a key without spaces, in ASCII; what came is not shown',
    ])
    expect(readEnvironment({}).modelKeys).toEqual({})
  })

  it('take the place of the language model of the environment, unless an assistant still needs that', () => {
    const desk = { name: 'desk', title: 'Desk', description: 'x', integrations: ['n8n'], build: () => null as never }
    const inUse = (integrations: string[]): readonly string[] =>
      readEnvironment({ MY_KEY: KEY }, { models, assistants: [{ ...desk, integrations }] }).servicesInUse
    expect(inUse(['n8n'])).toEqual(['n8n', 'apollo', 'avinode'])
    expect(inUse(['n8n', 'llm'])).toEqual(['n8n', 'llm', 'apollo', 'avinode'])
    // Nobody who is served knows of a charter desk.
    expect(inUse([])).toEqual([])
    expect(inUse(['llm'])).toEqual(['llm'])
    expect(readEnvironment({}, { assistants: [desk] }).servicesInUse).toEqual(['n8n', 'llm', 'apollo', 'avinode'])
  })
})

describe('the address of the people on call', () => {
  const emergency = { emergency: {} }

  it('is read with the header that it authenticates by', () => {
    const values = { ONCALL_WEBHOOK_URL: 'https://hooks.example.com/a?b=c', ONCALL_WEBHOOK_SECRET: KEY }
    expect(readEnvironment(values, emergency).onCall).toEqual({
      url: 'https://hooks.example.com/a?b=c',
      headers: { authorization: KEY },
    })
    const named = { ...values, ONCALL_WEBHOOK_HEADER: 'X-Secret' }
    expect(readEnvironment(named).onCall?.headers).toEqual({ 'x-secret': KEY })
    expect(readEnvironment(values).secrets).toEqual([values.ONCALL_WEBHOOK_URL, KEY])
  })

  it('is missed where emergencies are configured, and only there', () => {
    expect(readEnvironment({}, emergency).warnings).toEqual([
      expect.stringContaining('ONCALL_WEBHOOK_URL is not set: tickets of emergencies are kept on disk'),
    ])
    expect(readEnvironment({}, {}).warnings).toEqual([])
  })

  it('is refused by halves', () => {
    expect(problems({ ONCALL_WEBHOOK_SECRET: KEY })).toEqual([
      'ONCALL_WEBHOOK_SECRET is set, but ONCALL_WEBHOOK_URL is not: set both',
    ])
    expect(problems({ ONCALL_WEBHOOK_URL: 'x', ONCALL_WEBHOOK_HEADER: 'a b' })).toHaveLength(3)
    expect(problems({ ONCALL_WEBHOOK_FORMAT: 'teams' })).toHaveLength(1)
  })

  it('may be a channel of Teams, which has its secret in its URL', () => {
    const values = { ONCALL_WEBHOOK_URL: 'https://hooks.example.com/a?sig=c', ONCALL_WEBHOOK_FORMAT: 'teams' }
    expect(readEnvironment(values, emergency).onCall).toEqual({
      url: values.ONCALL_WEBHOOK_URL,
      headers: {},
      format: 'teams',
    })
    expect(problems({ ...values, ONCALL_WEBHOOK_FORMAT: 'slack' })).toEqual([
      'ONCALL_WEBHOOK_FORMAT: allowed is json or teams; got "slack"',
    ])
    expect(problems({ ...values, ONCALL_WEBHOOK_SECRET: KEY })).toHaveLength(1)
  })
})

describe('a key', () => {
  it('replaces the sandbox for its service alone', () => {
    const { services } = readEnvironment({ APOLLO_API_KEY: KEY, SANDBOX_PORT: '5000' })
    expect(services.apollo).toEqual({
      url: 'https://api.apollo.io/api/v1',
      credentials: { apiKey: KEY },
      settings: {},
      sandbox: false,
    })
    expect(services.n8n.url).toBe('http://127.0.0.1:5001/webhook/charter-desk')
    expect(services.llm.sandbox && services.avinode.sandbox).toBe(true)
  })

  it('of each service is read with its address and settings', () => {
    const { services } = readEnvironment({
      N8N_WEBHOOK_URL: 'https://n8n.example.com/webhook/desk?v=2',
      N8N_API_KEY: 'n8n-key',
      N8N_AUTH_HEADER: 'X-Secret',
      OPENAI_API_KEY: 'llm-key',
      OPENAI_BASE_URL: 'https://llm.example.com/v1/',
      OPENAI_MODEL: 'some-model',
      AVINODE_API_TOKEN: 'token',
      AVINODE_ACCESS_TOKEN: 'access',
      AVINODE_BASE_URL: 'https://sandbox.avinode.com/api',
      AVINODE_PRODUCT: 'Desk/2.0',
    })
    expect(services).toMatchObject({
      n8n: {
        url: 'https://n8n.example.com/webhook/desk?v=2',
        credentials: { apiKey: 'n8n-key' },
        settings: { authHeader: 'x-secret' },
      },
      llm: { url: 'https://llm.example.com/v1', credentials: { apiKey: 'llm-key' }, settings: { model: 'some-model' } },
      avinode: {
        url: 'https://sandbox.avinode.com/api',
        credentials: { apiKey: 'token', accessToken: 'access' },
        settings: { product: 'Desk/2.0' },
      },
    })
  })

  it('is not needed for a webhook without authentication, nor for a language model on an address of its own', () => {
    const { services } = readEnvironment({
      N8N_WEBHOOK_URL: 'http://10.0.0.5:5678/webhook/desk',
      OPENAI_BASE_URL: 'http://10.0.0.5:11434/v1',
    })
    expect(services.n8n).toMatchObject({ sandbox: false, credentials: {} })
    expect(services.llm).toMatchObject({ sandbox: false, credentials: {} })
  })

  it('that is empty counts as not set', () => {
    expect(readEnvironment({ APOLLO_API_KEY: ' ' }).services.apollo.sandbox).toBe(true)
  })
})

describe('a malformed value', () => {
  it.each<[Values, string]>([
    [{ PORT: 'abc' }, 'PORT: allowed is a port from 0 to 65535; got "abc"'],
    [{ PORT: '70000' }, 'PORT: allowed is a port from 0 to 65535; got "70000"'],
    [{ PORT: '0x10' }, 'PORT: allowed'],
    [{ SANDBOX_PORT: '65535' }, 'SANDBOX_PORT: allowed is a port from 1 to 65531'],
    [{ HOST: 'http://x' }, 'HOST: allowed is a host name or an IP address'],
    [{ N8N_WEBHOOK_URL: 'n8n.example.com/webhook' }, 'N8N_WEBHOOK_URL: allowed is an http or https address'],
    [{ HOLDFAST_URL: 'x' }, 'HOLDFAST_URL: allowed'],
    [{ OPENAI_BASE_URL: 'file:///etc' }, 'OPENAI_BASE_URL: allowed'],
    [
      { N8N_WEBHOOK_URL: 'https://a.example', N8N_API_KEY: 'k', N8N_AUTH_HEADER: 'a b' },
      'N8N_AUTH_HEADER: allowed is the name of a header',
    ],
    [{ N8N_API_KEY: 'x' }, 'N8N_API_KEY is set, but N8N_WEBHOOK_URL is not: set both'],
    [{ APOLLO_BASE_URL: 'https://a.example' }, 'APOLLO_BASE_URL is set, but APOLLO_API_KEY is not: set both'],
    [{ OPENAI_MODEL: 'x' }, 'OPENAI_MODEL is set, but neither OPENAI_API_KEY nor OPENAI_BASE_URL'],
    [{ HOLDFAST_ADMIN_TOKEN: 'fifteen-letters' }, 'HOLDFAST_ADMIN_TOKEN: allowed is a token of 16 characters or more'],
    [{ HOLDFAST_API_KEYS: 'no-colon' }, 'HOLDFAST_API_KEYS: allowed is tenant:key,tenant:key'],
    [{ HOLDFAST_API_KEYS: 'Acme:key' }, 'HOLDFAST_API_KEYS: allowed as a tenant'],
    [{ HOLDFAST_API_KEYS: `a:${KEY},b:${KEY}` }, 'HOLDFAST_API_KEYS: the key of b belongs to another tenant too'],
    [{ HOLDFAST_ENCRYPTION_KEY: base64(32) }, 'HOLDFAST_ENCRYPTION_KEY: allowed is name:key'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a:${base64(31)}` }, 'HOLDFAST_ENCRYPTION_KEY: allowed is name:key'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a b:${base64(32)}` }, 'one entry has another form (not shown)'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a:${base64(32)} b:${base64(32, 2)}` }, 'one entry has another form (not shown)'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a:${base64(32)}junk` }, 'one entry has another form (not shown)'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a:${base64(32).replace('=', '')}` }, 'one entry has another form (not shown)'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a:${base64(32)},` }, 'one entry has another form (not shown)'],
    [{ HOLDFAST_ENCRYPTION_KEY: ',' }, 'one entry has another form (not shown)'],
    [{ HOLDFAST_ENCRYPTION_KEY: `a:${base64(32)},a:${base64(32, 2)}` }, 'two have the same name'],
  ])('is refused: %j', (values, expected) => {
    expect(problems(values)).toEqual([expect.stringContaining(expected)])
  })

  it('of a secret is never shown', () => {
    const text = problems({
      APOLLO_API_KEY: 'secret with spaces',
      HOLDFAST_API_KEYS: 'secretwithoutcolon',
      HOLDFAST_ADMIN_TOKEN: 'shortsecret',
      HOLDFAST_ENCRYPTION_KEY: 'name:secret',
      OPENAI_BASE_URL: 'https://user:secret@x.example',
    }).join()
    expect(text).toContain('APOLLO_API_KEY')
    expect(text).not.toContain('secret')
  })
})

describe('encryption keys', () => {
  it('are read in their order, with 32 bytes each, and are secrets one by one', () => {
    const { storage, secrets } = readEnvironment({
      HOLDFAST_ENCRYPTION_KEY: ` new:${base64(32, 2)} , old:${base64(32)} `,
    })
    expect(storage.encryptionKeys).toEqual([
      { id: 'new', key: Buffer.alloc(32, 2) },
      { id: 'old', key: Buffer.alloc(32, 1) },
    ])
    expect(secrets).toEqual(expect.arrayContaining([base64(32), base64(32, 2)]))
    expect(readEnvironment({}).storage.encryptionKeys).toEqual([])
  })
})

describe('the admin token', () => {
  it('may have 16 characters, or not be there', () => {
    expect(readEnvironment({ HOLDFAST_ADMIN_TOKEN: ' sixteen-letters! ' }).adminToken).toBe('sixteen-letters!')
    expect(readEnvironment({ HOLDFAST_ADMIN_TOKEN: ' ' }).adminToken).toBe(undefined)
  })

  it('that is one letter is refused without it: nothing is said of it, and no log has it taken out', () => {
    const [problem = '', ...others] = problems({ HOLDFAST_ADMIN_TOKEN: 'Q' })
    expect(problem).toContain('what came is shorter and not shown')
    expect(problem).not.toContain('Q')
    expect(others).toEqual([])
  })
})

describe('API keys', () => {
  it('are needed once other machines reach the server', () => {
    expect(problems({ HOST: '0.0.0.0' }, {})).toEqual([expect.stringContaining('API keys are needed then')])
    const { loopback, apiKeys, serverUrl } = readEnvironment({ HOST: '0.0.0.0', HOLDFAST_API_KEYS: `acme:${KEY}` })
    expect({ loopback, apiKeys, serverUrl }).toEqual({
      loopback: false,
      apiKeys: [{ tenant: 'acme', label: 'acme.1', key: KEY }],
      serverUrl: 'http://127.0.0.1:4600',
    })
  })

  it('are not needed by a command that only asks a running server', () => {
    expect(problems({ HOST: '0.0.0.0' })).toEqual([])
  })

  it('may have colons, and come from variables that the configuration names', () => {
    const config = { tenants: { acme: { apiKeyVariables: ['ACME_KEY'] } } }
    const { apiKeys } = readEnvironment({ ACME_KEY: KEY, HOLDFAST_API_KEYS: 'default:a:b:c' }, config)
    expect(apiKeys).toEqual([
      { tenant: 'default', label: 'default.1', key: 'a:b:c' },
      { tenant: 'acme', label: 'acme_key', key: KEY },
    ])
    expect(problems({}, config)).toEqual([expect.stringContaining('ACME_KEY: the configuration says')])
    expect(problems({ ACME_KEY: KEY, HOLDFAST_API_KEYS: 'acmee:xyz' }, config)).toEqual([
      expect.stringContaining('there is no tenant "acmee"; in the configuration are default, acme'),
    ])
  })

  it('have labels that tell them apart and hold nothing of them', () => {
    const { apiKeys } = readEnvironment({ HOLDFAST_API_KEYS: `acme:${KEY},acme:${KEY}2,globex:${KEY}3` })
    expect(apiKeys.map(({ label }) => label)).toEqual(['acme.1', 'acme.2', 'globex.1'])
    const long = 'THE_KEY_OF_A_CUSTOMER_WITH_A_VERY_LONG_NAME'
    const config = { tenants: { acme: { apiKeyVariables: [long] } } }
    const [named] = readEnvironment({ [long]: KEY }, config).apiKeys
    expect(named?.label).toMatch(/^[a-z0-9._-]{32}$/)
    const [other] = readEnvironment(
      { [`${long}_2`]: KEY },
      { tenants: { acme: { apiKeyVariables: [`${long}_2`] } } },
    ).apiKeys
    expect(other?.label).not.toBe(named?.label)
  })

  it('that are short, and variables that nobody reads, are warned of', () => {
    const { warnings } = readEnvironment({ HOLDFAST_API_KEYS: 'a:short', HOLDFAST_ADMIN_TOKN: 'x' })
    expect(warnings).toEqual([
      'HOLDFAST_ADMIN_TOKN is set, but nothing reads it; did you mean HOLDFAST_ADMIN_TOKEN?',
      'an API key of the tenant a is shorter than 16 characters and may be guessed',
    ])
  })

  it('are all among the secrets', () => {
    const { secrets } = readEnvironment({
      HOLDFAST_API_KEYS: `a:${KEY}`,
      HOLDFAST_ADMIN_TOKEN: 'admin-token-of-17',
      APOLLO_API_KEY: 'apollo-key',
    })
    expect(secrets).toEqual(expect.arrayContaining([KEY, 'admin-token-of-17', 'apollo-key']))
  })
})

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.0.0.1.example.com', false],
    ['192.168.1.1', false],
  ])('of %s is %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})

describe('.env', () => {
  it('is read, and the environment of the process wins over it', () => {
    const directory = directoryWith('# a comment\n\nPORT=1\nexport HOST="localhost"\nMULTI="a\nb"\n')
    expect(withEnvFile(directory, { PORT: '2' })).toEqual({ PORT: '2', HOST: 'localhost', MULTI: 'a\nb' })
  })

  it('may be missing', () => {
    expect(withEnvFile(emptyDirectory(), { A: '1' })).toEqual({ A: '1' })
  })

  it('is refused with the line when a line is no setting', () => {
    expect(() => withEnvFile(directoryWith('PORT=1\nAPOLLO_API_KEY abc\n'), {})).toThrow(
      '.env:2: allowed is NAME=value',
    )
  })
})

describe('Google Sheets', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const file = JSON.stringify({ client_email: 'desk@x.example', private_key: pem })

  it('is the real one once a spreadsheet is named, and is looked at only then', () => {
    const values = {
      GOOGLE_SERVICE_ACCOUNT_KEY: file,
      GOOGLE_SHEETS_SPREADSHEET_ID: '1AbC',
      GOOGLE_SUBJECT: 'a@b.example',
    }
    const { services, secrets, servicesInUse } = readEnvironment(values)
    expect(services['google-sheets']).toEqual({
      url: 'https://sheets.googleapis.com',
      credentials: { apiKey: file },
      settings: { spreadsheetId: '1AbC', subject: 'a@b.example' },
      sandbox: false,
    })
    expect(servicesInUse).toContain('google-sheets')
    expect(readEnvironment({}).servicesInUse).not.toContain('google-sheets')
    // A line of the key alone gives it away, too.
    for (const secret of [file, pem, pem.split('\n')[3]]) expect(secrets).toContain(secret)
  })

  it('has its key in .env in one line, in single quotes', () => {
    const directory = directoryWith(`GOOGLE_SERVICE_ACCOUNT_KEY='${file}'\nGOOGLE_SHEETS_SPREADSHEET_ID=1AbC\n`)
    const { services } = readEnvironment(withEnvFile(directory, {}))
    expect(services['google-sheets'].credentials['apiKey']).toBe(file)
  })

  it('is looked at when an assistant names it', () => {
    const desk = { name: 'desk', title: 'Desk', description: 'x', build: () => null as never }
    const config = { assistants: [{ ...desk, integrations: ['google-sheets'] }] }
    expect(readEnvironment({}, config).servicesInUse).toContain('google-sheets')
  })

  it('is refused without a key, and a key that is none is not shown', () => {
    expect(problems({ GOOGLE_SHEETS_SPREADSHEET_ID: '1AbC' })).toEqual([
      'GOOGLE_SHEETS_SPREADSHEET_ID is set, but GOOGLE_SERVICE_ACCOUNT_KEY is not: set both',
    ])
    const [problem] = problems({ GOOGLE_SERVICE_ACCOUNT_KEY: '{"private_key": "MIIE"}' })
    expect(problem).toMatch(/^GOOGLE_SERVICE_ACCOUNT_KEY: .*client_email and private_key; what came is not shown$/)
    expect(problem).not.toContain('MIIE')
  })
})

describe('the calendars', () => {
  it('are the real ones with a calendar and a key', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const file = JSON.stringify({ client_email: 'desk@x.example', private_key: pem })
    const values = {
      GOOGLE_SERVICE_ACCOUNT_KEY: Buffer.from(file).toString('base64'),
      GOOGLE_CALENDAR_ID: 'desk@x.example',
      CALCOM_API_KEY: KEY,
      CALCOM_EVENT_TYPE_ID: '7',
    }
    const { services, servicesInUse } = readEnvironment(values)
    expect(services['google-calendar']).toMatchObject({
      url: 'https://www.googleapis.com/calendar/v3',
      settings: { calendarId: 'desk@x.example' },
      sandbox: false,
    })
    expect(services['cal-com']).toEqual({
      url: 'https://api.cal.com/v2',
      credentials: { apiKey: KEY },
      settings: { eventTypeId: '7' },
      sandbox: false,
    })
    expect(servicesInUse.slice(4)).toEqual(['google-calendar', 'cal-com'])
  })

  it('are refused by halves', () => {
    expect(problems({ GOOGLE_CALENDAR_ID: 'primary' })).toHaveLength(1)
    expect(problems({ CALCOM_BASE_URL: 'https://x.example', CALCOM_EVENT_TYPE_ID: '0' })).toHaveLength(3)
  })
})

describe('HubSpot', () => {
  it('is the real one with a token, and what belongs to it', () => {
    const values = { HUBSPOT_ACCESS_TOKEN: KEY, HUBSPOT_API_VERSION: 'v3', HUBSPOT_TIME_ZONE: 'Europe/Paris' }
    const { services, secrets, servicesInUse } = readEnvironment(values)
    expect(services.hubspot).toEqual({
      url: 'https://api.hubapi.com',
      credentials: { apiKey: KEY },
      settings: { version: 'v3', timeZone: 'Europe/Paris' },
      sandbox: false,
    })
    expect(secrets).toEqual([KEY])
    expect(servicesInUse).toContain('hubspot')
  })

  it('is refused by halves, and with a version or time zone that there is not', () => {
    expect(problems({ HUBSPOT_BASE_URL: 'https://x.example' })).toHaveLength(1)
    expect(problems({ HUBSPOT_ACCESS_TOKEN: KEY, HUBSPOT_API_VERSION: '4', HUBSPOT_TIME_ZONE: 'Moon' })).toEqual([
      'HUBSPOT_API_VERSION: allowed is v3 or a date such as 2026-03; got "4"',
      'HUBSPOT_TIME_ZONE: allowed is a time zone such as America/New_York; there is none of that name',
    ])
  })
})

describe('e-mail and Teams', () => {
  it('are the real ones with a key and an address', () => {
    const hook = 'https://x.example/workflow?sig=0123456789'
    const values = { RESEND_API_KEY: KEY, EMAIL_FROM: 'Desk <desk@x.example>', TEAMS_WEBHOOK_URL: hook }
    const { services, secrets, servicesInUse } = readEnvironment(values)
    expect(services.resend).toEqual({
      url: RESEND_BASE_URL,
      credentials: { apiKey: KEY },
      settings: { from: 'Desk <desk@x.example>' },
      sandbox: false,
    })
    expect(services.teams).toMatchObject({ url: hook, sandbox: false })
    expect(servicesInUse.slice(4)).toEqual(['resend', 'teams'])
    expect(secrets).toEqual([KEY, hook])
  })

  it('use the channel of the people on call, where that is one and there is no other', () => {
    const onCall = { ONCALL_WEBHOOK_URL: 'https://x.example/a', ONCALL_WEBHOOK_FORMAT: 'teams' }
    expect(readEnvironment(onCall).services.teams).toMatchObject({ url: 'https://x.example/a', sandbox: false })
    const both = { ...onCall, TEAMS_WEBHOOK_URL: 'https://x.example/b' }
    expect(readEnvironment(both).services.teams.url).toBe('https://x.example/b')
    expect(readEnvironment({ ...onCall, ONCALL_WEBHOOK_FORMAT: 'json' }).services.teams.sandbox).toBe(true)
  })

  it('are refused by halves, and from nobody', () => {
    expect(problems({ RESEND_API_KEY: KEY })).toEqual(['RESEND_API_KEY is set, but EMAIL_FROM is not: set both'])
    expect(problems({ EMAIL_FROM: 'a@b.example' })).toHaveLength(1)
    expect(problems({ RESEND_API_KEY: KEY, EMAIL_FROM: 'nobody' })).toEqual([
      'EMAIL_FROM: allowed is an address, or Name <address>; got "nobody"',
    ])
  })

  const from = { EMAIL_FROM: 'desk@b.example' }

  it('goes by a mail server in place of Resend, whose password is shown nowhere', () => {
    const values = { SMTP_URL: 'smtp://desk%40b.example:p%3Assword@smtp.b.example:2525', ...from }
    const { services, secrets, servicesInUse } = readEnvironment(values)
    expect(services.resend).toEqual({
      url: 'smtp://smtp.b.example:2525',
      credentials: { apiKey: 'p:ssword' },
      settings: { from: 'desk@b.example', user: 'desk@b.example' },
      sandbox: false,
    })
    expect(servicesInUse.slice(4)).toEqual(['resend'])
    expect(secrets).toEqual([values.SMTP_URL, 'p:ssword', 'p%3Assword'])
    const { services: others } = readEnvironment({ SMTP_URL: 'smtps://[::1]', ...from })
    expect(others.resend).toEqual({
      url: 'smtps://[::1]',
      credentials: {},
      settings: { from: from.EMAIL_FROM },
      sandbox: false,
    })
  })

  it.each([
    'smtp.b.example:587',
    'https://desk:secret-password@b.example',
    'smtp://desk@b.example',
    'smtp://:secret-password@b.example',
    'smtp://desk:secret-password@',
    'smtp://desk:secret-password%@b.example',
    'smtp://desk:secret-password@b.example/path',
    'smtp://desk:secret-password@b.example?tls=no',
    'smtp://desk:secret-password@b.example:99999',
  ])('does not go to %s', (value) => {
    const found = problems({ SMTP_URL: value, ...from })
    expect(found).toEqual([expect.stringMatching(/^SMTP_URL: allowed is an address such as smtp:.*not shown$/)])
    expect(found[0]).not.toContain('secret-password')
  })

  it('goes one way only, from somebody', () => {
    const smtp = { SMTP_URL: 'smtp://b.example' }
    expect(problems({ ...smtp, ...from, RESEND_API_KEY: KEY })).toEqual([
      'RESEND_API_KEY and SMTP_URL are both set, and e-mail goes by one of them: set only that one',
    ])
    expect(problems(smtp)).toEqual(['SMTP_URL is set, but EMAIL_FROM is not: set both'])
    expect(problems(from)).toEqual(['EMAIL_FROM is set, but neither RESEND_API_KEY nor SMTP_URL: set one of them too'])
  })
})
