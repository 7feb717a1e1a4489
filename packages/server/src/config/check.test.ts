import { describe, expect, it } from 'vitest'
import { checkConfig, ConfigError } from './check.ts'

const desk = { name: 'desk', title: 'Desk', description: 'x', integrations: ['n8n'], build: () => null }
const right = { contact: { name: 'us', phone: '1' }, integrations: { n8n: {} }, assistants: [desk] }

/** The problems of a value, as the lines of the error, without the headline. */
function problems(value: unknown, text = 'export default defineConfig({})'): string[] {
  try {
    checkConfig(value, { file: 'holdfast.config.ts', text })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

describe('checkConfig', () => {
  it('returns a right configuration as it is', () => {
    expect(checkConfig(right, { file: 'x', text: '' })).toBe(right)
  })

  it('names file, line, path, what is allowed and what came', () => {
    const text = `export default defineConfig({
  contact: { name: 'us', phone: '1' },
  integrations: {
    n8n: {
      retry: { maxRetries: 500 },
    },
  },
})`
    expect(problems({ ...right, integrations: { n8n: { retry: { maxRetries: 500 } } } }, text)).toEqual([
      'holdfast.config.ts:5  integrations.n8n.retry.maxRetries: allowed is a whole number from 0 to 100; got 500',
    ])
  })

  it('takes false for a retry that is not wanted', () => {
    expect(problems({ ...right, integrations: { n8n: { retry: false } } })).toEqual([])
    expect(problems({ ...right, integrations: { n8n: { retry: true } } })).toEqual([
      expect.stringContaining('allowed is an object of retry options, or false for none; got true'),
    ])
  })

  it('tells what was probably meant by a misspelt setting, and what there is', () => {
    const [problem] = problems({ ...right, memory: { maxEntires: 3 } })
    expect(problem).toContain('memory.maxEntires: there is no such setting; did you mean "maxEntries"?')
    expect(problem).toContain('Allowed here: maxEntries, maxBytes, maxAgeMs')
  })

  it('looks into the breaker, which may also be false', () => {
    expect(problems({ ...right, integrations: { n8n: { breaker: false } } })).toEqual([])
    expect(problems({ ...right, integrations: { n8n: { breaker: { slowCalMs: 1, failureRatio: 2 } } } })).toEqual([
      expect.stringContaining('integrations.n8n.breaker.failureRatio: allowed is a number above 0, up to 1; got 2'),
      expect.stringContaining(
        'integrations.n8n.breaker.slowCalMs: there is no such setting; did you mean "slowCallMs"?',
      ),
    ])
    expect(problems({ ...right, integrations: { n8n: { breaker: true } } })).toEqual([
      expect.stringContaining('allowed is an object of breaker options, or false for none; got true'),
    ])
  })

  it.each<[string, object, string]>([
    [
      'a missing contact',
      { contact: undefined },
      'contact: allowed is an object with a name and a phone number or a mail address; it is missing',
    ],
    [
      'a contact nobody can reach',
      { contact: { name: 'us' } },
      'contact: allowed is a phone number, a mail address or both; got an object',
    ],
    ['no assistants', { assistants: [] }, 'assistants: allowed is at least one assistant; got an empty list'],
    ['an assistant that was not called', { assistants: [() => desk] }, 'assistants[0]: allowed is an assistant'],
    ['a kind that is none', { integrations: { n8n: { kind: 'webhok' } } }, 'allowed is one of "webhook", "ai-service"'],
    ['a bad name', { integrations: { n8n: {}, 'Bad name': {} } }, 'integrations.Bad name: allowed as a name'],
    [
      'an origin with a path',
      { server: { corsOrigins: ['https://x.example/a'] } },
      'server.corsOrigins[0]: allowed is a web origin',
    ],
    [
      'a number as text',
      { server: { maxSessions: '5' } },
      'server.maxSessions: allowed is a whole number from 1 to 1,000,000; got "5"',
    ],
    [
      'two assistants of one name',
      { assistants: [desk, desk] },
      'assistants[1]: there are two assistants named "desk"',
    ],
    [
      'an integration that is not there',
      { integrations: { n8: {} } },
      'needs an integration named "n8n"; configured are n8; is "n8" meant to be it?',
    ],
    [
      'an attempt longer than the whole',
      { integrations: { n8n: { attemptTimeoutMs: 9, deadlineMs: 5 } } },
      'integrations.n8n.attemptTimeoutMs: must be at most deadlineMs (5)',
    ],
  ])('refuses %s', (_title, change, expected) => {
    const found = problems({ ...right, ...change })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  it('takes emergencies, and refuses those that nobody could call or that stand before nobody', () => {
    expect(problems({ ...right, emergency: {} })).toEqual([])
    expect(problems({ ...right, emergency: { assistants: ['desk'], threshold: 100, openTimeoutMs: 0 } })).toEqual([])
    expect(problems({ ...right, contact: { name: 'us', email: 'a@b.example' }, emergency: {} })).toEqual([
      expect.stringContaining('emergency: needs a phone number'),
    ])
    expect(problems({ ...right, emergency: { assistants: ['desc'], threshold: 0, language: 'english' } })).toEqual([
      expect.stringContaining('emergency.threshold: allowed is a whole number from 1 to 100; got 0'),
      expect.stringContaining('emergency.language: allowed is an ISO 639-1 code such as "en"; got "english"'),
    ])
    expect(problems({ ...right, emergency: { assistants: ['desc'] } })).toEqual([
      expect.stringContaining('emergency.assistants[0]: there is no assistant named "desc"; there are desk'),
    ])
  })

  it('tells every problem at once', () => {
    const value = { ...right, servr: {}, memory: { maxAgeMs: 0, maxBytes: -1 } }
    expect(problems(value)).toHaveLength(3)
  })

  it.each([undefined, null, 5, 'x', [], { default: right }])('refuses what is no configuration: %j', (value) => {
    expect(problems(value).length).toBeGreaterThan(0)
  })

  it('never shows a value at length', () => {
    const [problem] = problems({ ...right, server: { logLevel: 'x'.repeat(500) } })
    expect(problem?.length).toBeLessThan(250)
  })
})
