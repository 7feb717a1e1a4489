import { invalid } from '../../errors/invalid-options.ts'
import type { ToolCallIdRule } from './tool-call-ids.ts'

/** What a provider understands of a conversation that others have taken part in. */
export interface Dialect {
  /** Whose options it reads on a call, its messages and its tools. `undefined` for one that passes all on to others. */
  readonly options: ReadonlySet<string> | undefined
  /** Whose marks on earlier turns it can use: ids of stored items, signatures of reasoning. Azure reads options for OpenAI, but has not stored what OpenAI has. */
  readonly marks: ReadonlySet<string>
  /** Whose tools it runs, or knows by itself. */
  readonly tools: ReadonlySet<string>
  /** Whether reasoning without any marks may be shown to it. */
  readonly takesUnsigned: boolean
  readonly toolCallId: ToolCallIdRule | undefined
}

const ANTHROPIC_IDS: ToolCallIdRule = { allowed: /^[a-zA-Z0-9_-]+$/, prefix: 'call_' }
const BEDROCK_IDS: ToolCallIdRule = { allowed: /^[a-zA-Z0-9_-]{1,64}$/, prefix: 'call_' }
const MISTRAL_IDS: ToolCallIdRule = { allowed: /^[a-zA-Z0-9]{9}$/, prefix: '' }
/** OpenAI says nothing about characters, but is strict about the length: 40 in chat completions, 64 in responses. */
const OPENAI_CHAT_IDS: ToolCallIdRule = { allowed: /^[^]{1,40}$/, prefix: 'call_' }
const OPENAI_IDS: ToolCallIdRule = { allowed: /^[^]{1,64}$/, prefix: 'call_' }

/** Those that are only a way to others, and read the options of all. */
const PASSES_ON = ['gateway', 'holdfast']

/**
 * The dialect of a model, by what the providers of the AI SDK call themselves: `openai.responses`, `azure.chat`, `google.vertex.chat`, `bedrock.anthropic.messages`, …
 *
 * @param namespaces instead of those that are known.
 */
export function dialectOf(provider: string, namespaces?: readonly string[]): Dialect {
  const known = knownDialect(provider)
  if (namespaces === undefined) return known
  const names = new Set(namespaces)
  return { ...known, options: names, marks: names, tools: names }
}

/** @throws HoldfastError INVALID_OPTION for anything but a list of names. */
export function namespacesOf(
  { namespaces }: { readonly namespaces?: readonly string[] | undefined },
  at: string,
): readonly string[] | undefined {
  const isList = Array.isArray(namespaces) && namespaces.every((name) => typeof name === 'string' && name !== '')
  if (namespaces === undefined || isList) return namespaces
  throw invalid(`${at}.namespaces`, 'a list of names', namespaces)
}

function knownDialect(provider: string): Dialect {
  const [first = ''] = provider.split('.')
  const own = [first, camelCase(first)]
  if (PASSES_ON.includes(first)) return dialect({ options: undefined, marks: [], takesUnsigned: true })
  if (/(^|\.)(anthropic|messages)(\.|$)/.test(provider)) {
    const options = [...own, ...(/vertex/i.test(first) ? ['googleVertex', 'vertex'] : []), 'anthropic']
    return dialect({ options, marks: ['anthropic'], tools: ['anthropic'], toolCallId: ANTHROPIC_IDS })
  }
  if (/azure/.test(first)) return openAi(provider, [...own, 'azure', 'openai'], ['azure'])
  if (/vertex/i.test(provider)) {
    const marks = ['googleVertex', 'vertex']
    return dialect({ options: [...own, ...marks, 'google'], marks, tools: ['google'], takesUnsigned: true })
  }
  // OpenAI's models and protocol.
  if (first === 'bedrock-mantle') return openAi(provider, [...own, 'openai'], ['openai'])
  if (/bedrock/.test(first)) {
    const marks = ['amazonBedrock', 'bedrock']
    const tools = ['anthropic']
    const options = [...own, ...marks, ...tools]
    return dialect({ options, marks, tools, takesUnsigned: true, toolCallId: BEDROCK_IDS })
  }
  switch (first) {
    case 'openai':
      return openAi(provider, own, own)
    case 'mistral':
      return dialect({ options: own, marks: own, takesUnsigned: true, toolCallId: MISTRAL_IDS })
    case 'openrouter': {
      // It reads Anthropic's marks for its cache.
      const options = [...own, 'anthropic']
      return dialect({ options, marks: options, tools: own, takesUnsigned: true })
    }
    case 'google':
    case 'xai':
      return dialect({ options: own, marks: own, tools: own, takesUnsigned: true })
    default:
      return compatible(provider, own)
  }
}

/** OpenAI's models, wherever they run. Its tools are those of the responses API. */
function openAi(provider: string, options: readonly string[], marks: readonly string[]): Dialect {
  const isChat = provider.endsWith('.chat')
  return dialect({
    options,
    marks,
    tools: isChat ? [] : ['openai'],
    toolCallId: isChat ? OPENAI_CHAT_IDS : OPENAI_IDS,
  })
}

/** Somebody who speaks OpenAI's protocol, by the provider for that (`openaiCompatible`) or by OpenAI's own under another name. */
function compatible(provider: string, own: readonly string[]): Dialect {
  const isResponses = provider.endsWith('.responses')
  const more = isResponses ? ['openai'] : []
  return dialect({
    options: [...own, 'openaiCompatible', 'openai'],
    marks: [...own, 'openaiCompatible', ...more],
    tools: [...own, ...more],
    takesUnsigned: !isResponses,
  })
}

interface DialectOptions {
  readonly options: readonly string[] | undefined
  readonly marks: readonly string[]
  readonly tools?: readonly string[]
  readonly takesUnsigned?: boolean
  readonly toolCallId?: ToolCallIdRule
}

function dialect({ options, marks, tools = [], takesUnsigned = false, toolCallId }: DialectOptions): Dialect {
  return {
    options: options && new Set(options),
    marks: new Set(marks),
    tools: new Set(tools),
    takesUnsigned,
    toolCallId,
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/[_-]([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase())
}
