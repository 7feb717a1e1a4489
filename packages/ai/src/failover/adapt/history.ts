import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4Warning,
} from '@ai-sdk/provider'
import type { Dialect } from './dialect.ts'
import { marksOf, withOptionsFor } from './provider-options.ts'
import { otherIds } from './tool-call-ids.ts'
import { isToolOf } from './tools.ts'

type Part = Exclude<LanguageModelV4Message['content'], string>[number]
type Origin = ReturnType<typeof marksOf>
type ToolResult = Extract<Part, { type: 'tool-result' }>

/** A prompt whose earlier turns a provider can read, whoever has answered them. The very same where it can already. */
export function historyFor(
  call: LanguageModelV4CallOptions,
  dialect: Dialect,
  warnings: SharedV4Warning[],
): LanguageModelV4Prompt {
  if (call.prompt.every(isEverybodys)) return call.prompt
  const history = new History(call, dialect)
  const prompt = history.rewrite(call.prompt)
  history.warn(warnings)
  return prompt
}

/** Whether a message says the same to every provider: most do. */
function isEverybodys({ role, content, providerOptions }: LanguageModelV4Message): boolean {
  if (providerOptions !== undefined || (role !== 'system' && role !== 'user')) return false
  return role === 'system' || content.every((part) => part.providerOptions === undefined)
}

class History {
  readonly #dialect: Dialect
  readonly #options: ReadonlySet<string>
  readonly #call: LanguageModelV4CallOptions
  readonly #otherIds: ReadonlyMap<string, string> | undefined
  /** Calls that were left out: their results go with them. */
  #goneCalls: Set<string> | undefined
  /** The turn that is being rewritten. */
  #turn: readonly Part[] = []
  #reasoning: number = 0
  #custom: number = 0

  constructor(call: LanguageModelV4CallOptions, dialect: Dialect) {
    this.#call = call
    this.#dialect = dialect
    this.#options = dialect.options ?? new Set()
    this.#otherIds = dialect.toolCallId && otherIds(call.prompt, dialect.toolCallId)
  }

  rewrite(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
    return rewritten(prompt, (message) => this.#message(message)) ?? prompt
  }

  warn(warnings: SharedV4Warning[]): void {
    const add = (feature: string, details: string): void =>
      void warnings.push({ type: 'compatibility', feature, details })
    if (this.#reasoning > 0) {
      add('reasoning', `Reasoning of earlier turns that is another provider's was left out (${this.#reasoning} parts).`)
    }
    if (this.#custom > 0) {
      add('custom', `Content of earlier turns that only another provider knows was left out (${this.#custom} parts).`)
    }
    if (this.#goneCalls !== undefined) {
      add('providerExecuted', `Calls that another provider has run itself were left out (${this.#goneCalls.size}).`)
    }
    if (this.#otherIds !== undefined) {
      add('toolCallId', `Ids of tool calls that this provider refuses were replaced (${this.#otherIds.size}).`)
    }
  }

  /** `undefined` for a message of which nothing is left: an empty one is refused by some. */
  #message(message: LanguageModelV4Message): LanguageModelV4Message | undefined {
    const fit = withOptionsFor(message, this.#options)
    if (fit.role === 'system') return fit
    const { role } = fit
    if (role === 'assistant') this.#turn = fit.content
    const content = rewritten<Part>(fit.content, (part) =>
      role === 'user' ? withOptionsFor(part, this.#options) : this.#part(part),
    )
    if (content === undefined) return fit
    return content.length === 0 ? undefined : ({ ...fit, content } as LanguageModelV4Message)
  }

  #part(part: Part): Part | undefined {
    if (!this.#isKept(part)) return undefined
    const fit = withOptionsFor(part, this.#dialect.marks)
    if (fit.type !== 'tool-call' && fit.type !== 'tool-result') return fit
    const named = this.#named(fit)
    return named.type === 'tool-result' ? this.#result(named) : named
  }

  #isKept(part: Part): boolean {
    const { marks, takesUnsigned } = this.#dialect
    switch (part.type) {
      case 'reasoning':
      case 'reasoning-file': {
        const isKept = marksOf(part, marks) === 'own' || (takesUnsigned && this.#whose(part) !== 'foreign')
        if (!isKept) this.#reasoning += 1
        return isKept
      }
      case 'custom': {
        const isKept = this.#options.has(part.kind.slice(0, part.kind.indexOf('.')))
        if (!isKept) this.#custom += 1
        return isKept
      }
      case 'tool-call': {
        const isKept = part.providerExecuted !== true || this.#isOwnCall(part)
        if (!isKept) (this.#goneCalls ??= new Set()).add(part.toolCallId)
        return isKept
      }
      case 'tool-result':
        return this.#goneCalls?.has(part.toolCallId) !== true
      default:
        return true
    }
  }

  /** By its own marks, or else by those beside it: an answer is one provider's. */
  #whose(part: Part): Origin {
    const { marks } = this.#dialect
    const whose = marksOf(part, marks)
    return whose === 'none' ? originOf(this.#turn, marks) : whose
  }

  /** Whether a call that a provider has run itself was this one's: by its marks, or else by the tool, as far as the request still has it. */
  #isOwnCall(call: Extract<Part, { type: 'tool-call' }>): boolean {
    if (this.#dialect.tools.size === 0) return false
    const whose = this.#whose(call)
    if (whose !== 'none') return whose === 'own'
    const tool = this.#call.tools?.find(({ name }) => name === call.toolName)
    return tool?.type === 'provider' && isToolOf(tool, this.#dialect)
  }

  #named<Named extends { readonly toolCallId: string }>(part: Named): Named {
    const toolCallId = this.#otherIds?.get(part.toolCallId)
    return toolCallId === undefined ? part : { ...part, toolCallId }
  }

  #result(result: ToolResult): ToolResult {
    let output = withOptionsFor(result.output, this.#options)
    if (output.type === 'content') {
      const value = rewritten(output.value, (item) => withOptionsFor(item, this.#options))
      if (value !== undefined) output = { ...output, value }
    }
    return output === result.output ? result : { ...result, output }
  }
}

/** Who has given an answer, by the marks it bears. Where they say both, nobody knows. */
function originOf(parts: readonly Part[], marks: ReadonlySet<string>): Origin {
  const found = new Set(parts.map((part) => marksOf(part, marks)))
  found.delete('none')
  const [origin = 'none'] = found
  return found.size === 1 ? origin : 'none'
}

/** The list with each item rewritten, and without those of which nothing is left; `undefined` when nothing has changed. */
function rewritten<Item>(list: readonly Item[], rewrite: (item: Item) => Item | undefined): Item[] | undefined {
  let copy: Item[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = list[index]!
    const fit = rewrite(item)
    if (fit === item) {
      copy?.push(item)
      continue
    }
    copy ??= list.slice(0, index)
    if (fit !== undefined) copy.push(fit)
  }
  return copy
}
