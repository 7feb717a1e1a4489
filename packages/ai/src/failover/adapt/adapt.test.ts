import type { LanguageModelV4CallOptions, LanguageModelV4Prompt, SharedV4ProviderOptions } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { adapt } from './adapt.ts'
import type { Prepared } from './adapt.ts'
import { dialectOf } from './dialect.ts'

function adaptFor(provider: string, call: LanguageModelV4CallOptions, namespaces?: readonly string[]): Prepared {
  return adapt(call, dialectOf(provider, namespaces), undefined)
}

function assistant(...content: Extract<LanguageModelV4Prompt[number], { role: 'assistant' }>['content']) {
  return { role: 'assistant' as const, content }
}

const user: LanguageModelV4Prompt[number] = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }

const everybodys: SharedV4ProviderOptions = Object.fromEntries(
  [
    'openai',
    'azure',
    'anthropic',
    'google',
    'googleVertex',
    'vertex',
    'bedrock',
    'amazonBedrock',
    'mistral',
    'xai',
    'openrouter',
    'openaiCompatible',
    'my-proxy',
    'myProxy',
    'holdfast',
  ].map((name) => [name, { name }]),
)

/** By provider: whose options of a call are kept, and whose marks on an earlier turn. */
const kept: Readonly<Record<string, readonly [options: readonly string[], marks: readonly string[]]>> = {
  'openai.responses': [['openai'], ['openai']],
  'openai.chat': [['openai'], ['openai']],
  'azure.responses': [['azure', 'openai'], ['azure']],
  'azure-openai.chat': [['azure', 'openai'], ['azure']],
  'anthropic.messages': [['anthropic'], ['anthropic']],
  'google.generative-ai': [['google'], ['google']],
  'google.vertex.chat': [
    ['google', 'googleVertex', 'vertex'],
    ['googleVertex', 'vertex'],
  ],
  'googleVertex.anthropic.messages': [['anthropic', 'googleVertex', 'vertex'], ['anthropic']],
  'amazon-bedrock': [
    ['amazonBedrock', 'anthropic', 'bedrock'],
    ['amazonBedrock', 'bedrock'],
  ],
  'bedrock.anthropic.messages': [['anthropic', 'bedrock'], ['anthropic']],
  'mistral.chat': [['mistral'], ['mistral']],
  openrouter: [
    ['anthropic', 'openrouter'],
    ['anthropic', 'openrouter'],
  ],
  'xai.responses': [['xai'], ['xai']],
  'my-proxy.chat': [
    ['my-proxy', 'myProxy', 'openai', 'openaiCompatible'],
    ['my-proxy', 'myProxy', 'openaiCompatible'],
  ],
  'my-proxy.responses': [
    ['my-proxy', 'myProxy', 'openai', 'openaiCompatible'],
    ['my-proxy', 'myProxy', 'openai', 'openaiCompatible'],
  ],
}

function names(options: SharedV4ProviderOptions | undefined): string[] {
  return Object.keys(options ?? {})
    .filter((name) => name !== 'holdfast')
    .toSorted()
}

describe('a request for one of several models', () => {
  for (const [provider, [options, marks]] of Object.entries(kept)) {
    it(`keeps for ${provider} the options and marks it reads, and ours`, () => {
      const text = { type: 'text', text: 'x', providerOptions: everybodys } as const
      const output = {
        type: 'content',
        value: [text],
        providerOptions: everybodys,
      } as const
      const call: LanguageModelV4CallOptions = {
        prompt: [
          { role: 'system', content: 'x', providerOptions: everybodys },
          { role: 'user', content: [text], providerOptions: everybodys },
          assistant(text, { type: 'tool-call', toolCallId: 'abcdefgh1', toolName: 't', input: {} }),
          {
            role: 'tool',
            content: [
              {
                type: 'tool-result',
                toolCallId: 'abcdefgh1',
                toolName: 't',
                output: { ...output, value: [text] },
                providerOptions: everybodys,
              },
            ],
          },
        ],
        tools: [{ type: 'function', name: 't', inputSchema: {}, providerOptions: everybodys }],
        providerOptions: everybodys,
      }
      const before = structuredClone(call)
      const { call: fit, warnings } = adaptFor(provider, call)
      const [system, asked, answer, result] = fit.prompt as unknown as {
        providerOptions?: SharedV4ProviderOptions
        content: {
          providerOptions?: SharedV4ProviderOptions
          output: { providerOptions: SharedV4ProviderOptions; value: { providerOptions: SharedV4ProviderOptions }[] }
        }[]
      }[]
      const [tool] = fit.tools as unknown as [{ providerOptions: SharedV4ProviderOptions }]
      for (const seen of [fit, system, asked, asked?.content[0], tool, result?.content[0]?.output]) {
        expect(names(seen?.providerOptions)).toEqual(options)
        expect(seen?.providerOptions).toHaveProperty('holdfast')
      }
      expect(names(result?.content[0]?.output.value[0]?.providerOptions)).toEqual(options)
      expect(names(answer?.content[0]?.providerOptions)).toEqual(marks)
      expect(names(result?.content[0]?.providerOptions)).toEqual(marks)
      // Nothing is lost that this provider would have read.
      expect(warnings).toEqual([])
      expect(call).toEqual(before)
    })
  }

  it('is passed on as it is to who only passes it on', () => {
    for (const provider of ['gateway', 'holdfast', 'holdfast.agent']) {
      const call = {
        prompt: [assistant({ type: 'reasoning', text: 'x', providerOptions: everybodys })],
        tools: [{ type: 'provider' as const, id: 'openai.web_search' as const, name: 'search', args: {} }],
        providerOptions: everybodys,
      }
      expect(adaptFor(provider, call).call).toBe(call)
    }
  })

  it('keeps what it is told to, whoever the provider is', () => {
    const call = {
      prompt: [user, assistant({ type: 'text', text: 'x', providerOptions: everybodys })],
      providerOptions: everybodys,
    }
    const { call: fit } = adaptFor('openai.chat', call, ['mistral', 'xai'])
    expect(names(fit.providerOptions)).toEqual(['mistral', 'xai'])
    expect(names((fit.prompt[1]!.content[0] as { providerOptions?: SharedV4ProviderOptions }).providerOptions)).toEqual(
      ['mistral', 'xai'],
    )
  })

  it('is the very same where there is nothing to adapt', () => {
    const call: LanguageModelV4CallOptions = {
      prompt: [
        { role: 'system', content: 'Be brief.' },
        user,
        assistant(
          { type: 'reasoning', text: 'Hm.', providerOptions: { anthropic: { signature: 's' } } },
          { type: 'text', text: 'Hi', providerOptions: { anthropic: {}, holdfast: {} } },
          { type: 'tool-call', toolCallId: 'toolu_1', toolName: 't', input: {} },
          { type: 'tool-call', toolCallId: 'srv_1', toolName: 'search', input: {}, providerExecuted: true },
          { type: 'tool-result', toolCallId: 'srv_1', toolName: 'search', output: { type: 'text', value: 'x' } },
        ),
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: 'toolu_1', toolName: 't', output: { type: 'content', value: [] } },
          ],
        },
      ],
      tools: [
        { type: 'function', name: 't', inputSchema: {} },
        { type: 'provider', id: 'anthropic.web_search_20250305', name: 'search', args: {} },
      ],
      toolChoice: { type: 'required' },
      maxOutputTokens: 100,
      providerOptions: { anthropic: { x: 1 }, holdfast: {} },
    }
    const { call: fit, warnings } = adapt(call, dialectOf('anthropic.messages'), 100)
    expect(fit).toBe(call)
    expect(warnings).toEqual([])
  })

  it('loses the reasoning of others, and keeps its own', () => {
    const signed = (name: string) =>
      ({ type: 'reasoning', text: name, providerOptions: { [name]: { signature: 's' } } }) as const
    const unsigned = { type: 'reasoning', text: 'nobody', providerOptions: { holdfast: {} } } as const
    const file = {
      type: 'reasoning-file',
      mediaType: 'image/png',
      data: { type: 'data', data: 'AAAA' },
      providerOptions: { google: { thoughtSignature: 's' } },
    } as const
    const call = {
      prompt: [
        user,
        assistant(signed('anthropic'), signed('openai'), signed('google'), unsigned, file, { type: 'text', text: 'x' }),
        assistant(signed('nowhere')),
        user,
      ],
    }
    const left = (provider: string) => {
      const { call: fit, warnings } = adaptFor(provider, call)
      const [, answer, next] = fit.prompt
      // A turn of which nothing is left is gone.
      expect(next).toEqual(user)
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatchObject({ type: 'compatibility', feature: 'reasoning' })
      return (answer!.content as { type: string; text?: string }[]).map((part) => part.text ?? part.type)
    }
    expect(left('anthropic.messages')).toEqual(['anthropic', 'x'])
    expect(left('bedrock.anthropic.messages')).toEqual(['anthropic', 'x'])
    expect(left('openai.responses')).toEqual(['openai', 'x'])
    expect(left('azure.responses')).toEqual(['x'])
    expect(left('google.generative-ai')).toEqual(['google', 'nobody', 'reasoning-file', 'x'])
    // Nobody's, but beside what others have marked.
    expect(left('deepseek.chat')).toEqual(['x'])
    // Some demand their own reasoning back, and do not sign it.
    const plain = { prompt: [user, assistant(unsigned, { type: 'text', text: 'x' })] }
    for (const provider of ['deepseek.chat', 'mistral.chat', 'google.generative-ai']) {
      expect(adaptFor(provider, plain).call).toBe(plain)
    }
    for (const provider of ['anthropic.messages', 'openai.responses']) {
      expect(adaptFor(provider, plain).call.prompt[1]!.content).toHaveLength(1)
    }
  })

  it('loses content of a kind that only others know', () => {
    const call = {
      prompt: [
        user,
        assistant(
          { type: 'text', text: 'x' },
          { type: 'custom', kind: 'anthropic.compaction' },
          { type: 'custom', kind: 'holdfast.restart' },
        ),
      ],
    }
    const kinds = (provider: string) =>
      (adaptFor(provider, call).call.prompt[1]!.content as { type: string; kind?: string }[]).map(
        ({ type, kind }) => kind ?? type,
      )
    expect(kinds('anthropic.messages')).toEqual(['text', 'anthropic.compaction'])
    expect(kinds('mistral.chat')).toEqual(['text'])
    expect(adaptFor('mistral.chat', call).warnings).toMatchObject([{ feature: 'custom' }])
  })

  describe('with tools that a provider runs', () => {
    const tools: LanguageModelV4CallOptions['tools'] = [
      { type: 'provider', id: 'openai.web_search', name: 'search', args: {} },
      { type: 'function', name: 't', inputSchema: {} },
    ]

    it('goes without them to another, and says so', () => {
      const { call, warnings } = adaptFor('anthropic.messages', { prompt: [user], tools })
      expect(call.tools?.map(({ name }) => name)).toEqual(['t'])
      expect(warnings).toMatchObject([{ type: 'unsupported', feature: 'provider-defined tool openai.web_search' }])
      for (const provider of ['openai.responses', 'azure.responses', 'my-proxy.responses']) {
        expect(adaptFor(provider, { prompt: [user], tools }).call.tools).toHaveLength(2)
      }
    })

    it('leaves the choice to the model where the tool to choose is gone, or none is left', () => {
      const choose = (
        toolChoice: LanguageModelV4CallOptions['toolChoice'],
        of = tools,
      ): LanguageModelV4CallOptions & { features: string[] } => {
        const { call, warnings } = adaptFor('google.generative-ai', {
          prompt: [user],
          tools: of,
          ...(toolChoice && { toolChoice }),
        })
        return { ...call, features: warnings.map((warning) => (warning as { feature: string }).feature) }
      }
      expect(choose({ type: 'tool', toolName: 'search' })).not.toHaveProperty('toolChoice')
      expect(choose({ type: 'tool', toolName: 'search' }).features).toContain('toolChoice')
      expect(choose({ type: 'tool', toolName: 't' }).toolChoice).toEqual({ type: 'tool', toolName: 't' })
      expect(choose({ type: 'required' }).toolChoice).toEqual({ type: 'required' })
      const none = choose({ type: 'required' }, tools.slice(0, 1))
      expect(none).not.toHaveProperty('tools')
      expect(none).not.toHaveProperty('toolChoice')
      expect(none.features).toContain('toolChoice')
    })

    it('loses the calls that another provider has run, with their results', () => {
      const run = (toolCallId: string, providerOptions?: SharedV4ProviderOptions) =>
        [
          {
            type: 'tool-call',
            toolCallId,
            toolName: 'search',
            input: {},
            providerExecuted: true,
            ...(providerOptions && { providerOptions }),
          },
          { type: 'tool-result', toolCallId, toolName: 'search', output: { type: 'text', value: 'x' } },
        ] as const
      const prompt = [
        user,
        assistant(
          ...run('plain'),
          ...run('marked', { anthropic: { x: 1 } }),
          ...run('marked-too', { openai: { x: 1 } }),
          { type: 'tool-call', toolCallId: 'ours', toolName: 't', input: {} },
          { type: 'text', text: 'x' },
        ),
      ]
      const left = (provider: string, of = tools, history: LanguageModelV4Prompt = prompt) =>
        (
          adaptFor(provider, { prompt: history, tools: of }).call.prompt[1]!.content as { toolCallId?: string }[]
        ).flatMap(({ toolCallId }) => toolCallId ?? [])
      expect(left('openai.responses')).toEqual(['plain', 'plain', 'marked-too', 'marked-too', 'ours'])
      expect(left('anthropic.messages')).toEqual(['marked', 'marked', 'ours'])
      expect(left('openai.chat')).toEqual(['ours'])
      expect(left('mistral.chat').toString()).toMatch(/^\w{9}$/)
      // Nobody can tell whose it was.
      expect(left('openai.responses', [])).toEqual(['marked-too', 'marked-too', 'ours'])
      // What is marked beside it tells: it was OpenAI's, and not Azure's.
      const beside = (name: string) => [
        user,
        assistant(...run('plain'), { type: 'text', text: 'x', providerOptions: { [name]: { itemId: 'msg' } } }),
      ]
      expect(left('azure.responses', tools, beside('openai'))).toEqual([])
      expect(left('azure.responses', [], beside('azure'))).toEqual(['plain', 'plain'])
      expect(adaptFor('mistral.chat', { prompt, tools }).warnings).toContainEqual(
        expect.objectContaining({ feature: 'providerExecuted' }),
      )
    })
  })

  it('asks for no more tokens than a model gives, and says so', () => {
    const { call, warnings } = adapt({ prompt: [user], maxOutputTokens: 9_000 }, dialectOf('openai.chat'), 4_096)
    expect(call.maxOutputTokens).toBe(4_096)
    expect(warnings).toMatchObject([{ type: 'compatibility', feature: 'maxOutputTokens' }])
    expect(adapt({ prompt: [user] }, dialectOf('openai.chat'), 4_096)).toEqual({
      call: { prompt: [user] },
      warnings: [],
    })
  })
})
