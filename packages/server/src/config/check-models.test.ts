import { describe, expect, it } from 'vitest'
import { checkConfig, ConfigError } from './check.ts'

const desk = { name: 'desk', title: 'Desk', description: 'x', integrations: ['n8n'], build: () => null }
const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5', apiKeyVariable: 'ANTHROPIC_API_KEY' }
const price = { inputPerMillion: 3, outputPerMillion: 15 }

/** The problems of these models, where the assistant uses these. */
function problems(models: unknown, used: unknown = ['claude'], text = ''): string[] {
  const config = {
    contact: { name: 'us', phone: '1' },
    integrations: { n8n: {} },
    models,
    assistants: [{ ...desk, models: used }],
  }
  try {
    checkConfig(config, { file: 'holdfast.config.ts', text })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`}: ${message}`)
  }
}

describe('the models of a configuration', () => {
  it('are taken with all that is known of them', () => {
    const full = { ...claude, baseUrl: 'https://eu.example.com/v1', credential: 'team-a', timeoutMs: 5_000, price }
    expect(
      problems({ claude: { ...full, contextWindow: 200_000, prefills: true, supports: { files: false } } }),
    ).toEqual([])
    const local = { provider: 'openai-compatible', model: 'qwen3', baseUrl: 'http://127.0.0.1:8000/v1' }
    expect(problems({ claude, local }, ['claude', 'local'])).toEqual([])
  })

  it('are refused with the line, what is allowed and what came', () => {
    const text = `export default defineConfig({
  models: {
    claude: {
      provider: 'antropic',
    },
  },
})`
    expect(problems({ claude: { ...claude, provider: 'antropic' } }, ['claude'], text)).toEqual([
      'models.claude.provider:4: allowed is one of "anthropic", "google", "openai", "openrouter", "openai-compatible"; got "antropic"',
    ])
  })

  it.each<[string, object, string]>([
    ['no model', { model: undefined }, 'models.claude.model: allowed is the name of a model'],
    ['a key in place of its variable', { apiKeyVariable: 'sk-ant' }, 'allowed is the name of an environment variable'],
    ['no variable', { apiKeyVariable: undefined }, 'models.claude: needs an `apiKeyVariable`'],
    [
      'a key in the address',
      { baseUrl: 'https://x.example/v1?key=1' },
      'models.claude.baseUrl: allowed is an http or https',
    ],
    ['anybody without an address', { provider: 'openai-compatible' }, 'models.claude: needs a `baseUrl`'],
    ['half a price', { price: { inputPerMillion: 3 } }, 'models.claude.price.outputPerMillion: allowed is a price'],
    ['a key as label', { credential: 'SK_1' }, 'models.claude.credential: allowed is 1 to 32 lower-case letters'],
    ['half a token', { contextWindow: 0.5 }, 'models.claude.contextWindow: allowed is a whole number of tokens'],
    ['a misspelt setting', { contextWindw: 1 }, 'there is no such setting; did you mean "contextWindow"?'],
  ])('may not have %s', (_, change, expected) => {
    const found = problems({ claude: { ...claude, ...change } })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  it('fit to the assistants, which are told when they do not', () => {
    expect(problems({ claude }, ['claud'])).toEqual([
      'models.claude: no assistant and no desk uses it; the charter desk does by `models: ["claude"]`',
      'assistants[0]: the assistant "desk" needs a model named "claud"; configured are claude; is "claude" meant to be it?',
    ])
    expect(problems({ claude }, ['claude', 'claude'])).toEqual([
      'assistants[0]: the assistant "desk" names the model "claude" twice',
    ])
    expect(problems(undefined, ['claude'])).toEqual([
      'assistants[0]: the assistant "desk" needs a model named "claude"; configured are none',
    ])
  })

  it('do not share a name with an integration', () => {
    expect(problems({ n8n: claude }, ['n8n'])).toEqual([
      'models.n8n: an integration has the name "n8n" too; the guard of a model goes by its name',
    ])
  })
})
