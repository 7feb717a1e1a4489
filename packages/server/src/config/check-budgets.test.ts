import { describe, expect, it } from 'vitest'
import { checkConfig, ConfigError } from './check.ts'

const price = { inputPerMillion: 3, outputPerMillion: 15 }
const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5', apiKeyVariable: 'ANTHROPIC_API_KEY', price }
const local = { provider: 'openai-compatible', model: 'qwen3', baseUrl: 'http://127.0.0.1:8000/v1', credential: 'rack' }

/** The problems of these budgets, where two models and two tenants are configured. */
function problems(budgets: unknown, more: object = {}, text = ''): string[] {
  const config = {
    contact: { name: 'us', phone: '1' },
    integrations: { n8n: {} },
    models: { claude, local },
    assistants: [
      {
        name: 'desk',
        title: 'Desk',
        description: 'x',
        integrations: ['n8n'],
        models: ['claude', 'local'],
        build: () => null,
      },
    ],
    tenants: { acme: {}, globex: {} },
    budgets,
    ...more,
  }
  try {
    checkConfig(config, { file: 'holdfast.config.ts', text })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`}: ${message}`)
  }
}

const limit = (more: object): object => ({ limits: { day: { period: 'day', maxTokens: 5, ...more } } })

describe('the budgets of a configuration', () => {
  it('are taken with all there is to a limit, and zero is a value', () => {
    const scopes = {
      only: { model: 'claude', tenant: ['acme', 'default'] },
      except: { key: 'acme.1', provider: 'anthropic' },
    }
    const amounts = { softCost: 0, maxCost: 0, softTokens: 0, maxTokens: 0, softRequests: 5, maxRequests: 5 }
    const day = { period: 'day', window: 'rolling', per: ['tenant', 'key'], onSoft: 'cheapest', ...scopes, ...amounts }
    expect(problems({ limits: { day }, maxAccounts: 10, expectedOutputTokens: 0 })).toEqual([])
  })

  it('are refused with the line, what is allowed and what came', () => {
    const text = `export default defineConfig({
  budgets: {
    limits: {
      day: {
        period: 'dya',
        only: { tenant: 'acmee' },
      },
    },
  },
})`
    expect(problems(limit({ period: 'dya' }), {}, text)).toEqual([
      'budgets.limits.day.period:5: allowed is one of "minute", "hour", "day", "week", "month"; got "dya"',
    ])
    expect(problems(limit({ only: { tenant: 'acmee' } }), {}, text)).toEqual([
      'budgets.limits.day.only.tenant:6: there is no tenant named "acmee"; there are default, acme, globex; is "acme" meant?',
    ])
  })

  it.each<[string, unknown, string]>([
    ['no limits', {}, 'budgets.limits: allowed is an object of limits by name; it is missing'],
    ['none of them', { limits: {} }, 'budgets.limits: allowed is 1 to 100 limits'],
    ['a bad name', { limits: { 'A B': {} } }, 'budgets.limits.A B: allowed as a name: 1 to 64 lower-case'],
    [
      'a limit without an amount',
      { limits: { day: { period: 'day' } } },
      'budgets.limits.day: needs a limit: one of softCost',
    ],
    [
      'less than nothing',
      limit({ maxTokens: -1 }),
      'maxTokens: allowed is a number from 0 to 1,000,000,000,000,000; got -1',
    ],
    ['a soft limit above the hard one', limit({ softTokens: 6 }), 'softTokens: allowed is up to `maxTokens`, 5; got 6'],
    ['an unknown dimension', limit({ per: ['tenants'] }), 'per[0]: allowed is one of "tenant", "key"'],
    ['an unknown setting', limit({ maxDollars: 1 }), 'maxDollars: there is no such setting'],
    ['an empty list of names', limit({ only: { model: [] } }), 'only.model: allowed is a name, or a list of names'],
    [
      'an unknown model',
      limit({ only: { model: ['claude', 'loca'] } }),
      'only.model[1]: there is no model named "loca"; there are claude, local; is "local" meant?',
    ],
    [
      'an unknown provider',
      limit({ except: { provider: 'google' } }),
      'except.provider: there is no model of the provider named "google"; there are anthropic, openai-compatible',
    ],
    [
      'an unknown credential',
      limit({ only: { credential: 'eu' } }),
      'only.credential: there is no model with the credential named "eu"; there are rack',
    ],
    [
      'money for a model without a price',
      limit({ maxCost: 5 }),
      'models.local: needs a `price`: the budget "day" counts money for it',
    ],
    ['too few accounts', { ...limit({}), maxAccounts: 1 }, 'budgets.maxAccounts: allowed is a whole number from 10'],
  ])('are refused: %s', (_title, budgets, message) => {
    expect(problems(budgets)).toEqual([expect.stringContaining(message)])
  })

  it('need no price of a model that no limit in money is for', () => {
    expect(problems(limit({ maxCost: 5, only: { model: 'claude' } }))).toEqual([])
    expect(problems(limit({ softCost: 5, except: { credential: 'rack' } }))).toEqual([])
  })

  it('show nothing of a key in place of its label', () => {
    const [problem, ...more] = problems(limit({ only: { key: 'sk-proj-SECRET' } }))
    expect(problem).toMatch(/^budgets\.limits\.day\.only\.key: allowed is the label of a key, not the key/)
    expect(problem).not.toContain('SECRET')
    expect(more).toEqual([])
  })

  it('count what `models` cost, so there must be some', () => {
    const assistants = [{ name: 'desk', title: 'Desk', description: 'x', integrations: ['n8n'], build: () => null }]
    expect(problems(limit({}), { models: undefined, assistants })).toEqual([
      expect.stringContaining('budgets: count what `models` cost'),
    ])
  })
})
