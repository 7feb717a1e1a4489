import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../environment/environment.ts'
import { EnvironmentError } from '../environment/variables.ts'
import { checkConfig, ConfigError } from './check.ts'
import type { HoldfastConfig } from './options.ts'

const assistant = { name: 'a', title: 'A', description: 'x', integrations: [], build: () => null }
const desk = { name: 'desk', title: 'Desk', integrations: [], toolServers: ['avinode'], build: () => null }

function configOf(toolServers: unknown, more: object = {}): HoldfastConfig {
  const contact = { name: 'us', phone: '1' }
  return { contact, integrations: {}, assistants: [assistant], desks: [{ ...desk, ...more }], toolServers } as never
}

/** The problems of these tool servers, where a desk calls tools of `avinode` and of what else it is said to. */
function problems(toolServers: unknown, more: object = {}): string[] {
  try {
    checkConfig(configOf(toolServers, more), { file: 'holdfast.config.ts', text: '' })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
}

describe('the tool servers of a configuration', () => {
  it('are taken at an address and as programs', () => {
    expect(problems({ avinode: { url: 'https://tools.example.com/mcp', tokenVariable: 'TOOLS_TOKEN' } })).toEqual([])
    expect(problems({ avinode: { command: 'npx', args: ['-y', 'avinode'], variables: ['AVINODE_KEY'] } })).toEqual([])
    expect(problems({ crm: { url: 'https://crm.example.com' } }, { optionalToolServers: ['crm'] })).toEqual([])
  })

  it.each<[string, unknown, object, string]>([
    ['a key in the address', { avinode: { url: 'https://a:b@example.com' } }, {}, 'without credentials or a query'],
    ['neither way', { avinode: {} }, {}, 'an http or https address, or a `command` in its place; it is missing'],
    ['both ways', { avinode: { url: 'https://a.example', command: 'x' } }, {}, 'toolServers.avinode'],
    ['a key in place of its variable', { avinode: { command: 'x', variables: ['k=1'] } }, {}, 'name of an environment'],
    [
      'one that nobody calls',
      { avinod: { command: 'x' } },
      {},
      'no desk calls its tools; they call those of avinode; is "avinode" meant?',
    ],
    [
      'one that there is not',
      undefined,
      { toolServers: ['crm'] },
      'tools of "crm", which is no connector: set `toolServers.crm`',
    ],
    ['a model that there is not', undefined, { models: ['gpt'] }, 'the desk "desk" needs a model named "gpt"'],
  ])('are refused with what is allowed: %s', (_, toolServers, more, message) => {
    expect(problems(toolServers, more).join('\n')).toContain(message)
  })

  it('get what the environment holds, which is a secret, and are refused without it', () => {
    const config = configOf({ avinode: { url: 'https://tools.example.com/mcp', tokenVariable: 'TOOLS_TOKEN' } })
    const { secrets, toolServerValues } = readEnvironment({ TOOLS_TOKEN: 'a-token-of-theirs' }, config)
    expect(toolServerValues).toEqual({ TOOLS_TOKEN: 'a-token-of-theirs' })
    expect(secrets).toContain('a-token-of-theirs')
    expect(() => readEnvironment({}, config)).toThrow(
      'TOOLS_TOKEN: the configuration gives it to the tool server avinode, but it is not set',
    )
    expect(() => readEnvironment({ TOOLS_TOKEN: 'two words' }, config)).toThrow(EnvironmentError)
    expect(() => readEnvironment({ TOOLS_TOKEN: 'two words' }, config)).not.toThrow('two words')
  })
})

describe('tool servers that write to one service', () => {
  const program = (...args: string[]): object => ({ command: 'npx', args: ['holdfast', 'mcp', ...args] })
  const warned = (toolServers: unknown, values: Record<string, string> = {}): readonly string[] =>
    readEnvironment(
      values,
      configOf(toolServers, { toolServers: ['hubspot', ...Object.keys(toolServers as object)] }),
    ).warnings.filter((warning) => warning.includes('share a store'))

  it('are warned of where their accounts have no names', () => {
    expect(warned({ us: program('hubspot') })).toEqual([expect.stringContaining('hubspot and us all write to hubspot')])
    expect(
      warned({ us: program('hubspot'), eu: program('hubspot', '--account', 'eu') }, { HOLDFAST_ACCOUNT: 'main' }),
    ).toEqual([])
    expect(warned({ us: program('hubspot'), eu: program('hubspot') }, { HOLDFAST_ACCOUNT: 'main' })).toHaveLength(1)
  })

  it.each([
    { us: program('hubspot', '--account', 'us') },
    { us: program('hubspot', '--account=us') },
    { us: program('apollo') },
    { us: { command: 'theirs', args: ['hubspot'] } },
    { us: { url: 'https://tools.example.com/mcp' } },
    { hubspot: program('hubspot') },
  ])('are not warned of where they have, or cannot be in one store: %j', (toolServers) => {
    expect(warned(toolServers)).toEqual([])
  })
})
