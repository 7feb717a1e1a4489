import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { toolCallInvalid } from '../../errors/failures.ts'
import { checkToolCall } from './tool-input.ts'

/** These end an answer where they like, also within a call. */
const CUT_OFF: readonly string[] = ['length', 'content-filter']

/** Looks through the tool calls of one answer, before any of them is let out. What a provider has run itself needs no offer. */
export class ToolCalls {
  readonly #offered: ReadonlySet<string>
  readonly #choice: LanguageModelV4CallOptions['toolChoice']
  readonly #ids = new Set<string>()
  readonly #names = new Set<string>()
  /** Inputs that have begun, and have not become a call. */
  readonly #open = new Set<string>()

  constructor({ tools = [], toolChoice }: LanguageModelV4CallOptions) {
    this.#offered = new Set(tools.map(({ name }) => name))
    this.#choice = toolChoice
  }

  /** Whether there must be a call, so that an answer without one must not be shown. */
  get isDemanded(): boolean {
    return this.#choice?.type === 'required' || this.#choice?.type === 'tool'
  }

  /** Takes up a part of the answer. @throws HoldfastError TOOL_CALL_INVALID, TOOL_INPUT_MALFORMED. */
  see(part: LanguageModelV4StreamPart): void {
    if (part.type === 'tool-call') {
      const { toolCallId, toolName, providerExecuted } = part
      if (this.#ids.has(toolCallId)) throw toolCallInvalid('made two tool calls with one id')
      if (providerExecuted !== true && !this.#offered.has(toolName)) {
        throw toolCallInvalid('called a tool that was not offered')
      }
      checkToolCall(part)
      this.#ids.add(toolCallId)
      this.#names.add(toolName)
      this.#open.delete(toolCallId)
    } else if (part.type === 'tool-input-start') {
      if (part.providerExecuted !== true && !this.#ids.has(part.id)) this.#open.add(part.id)
    } else if (part.type === 'finish' && !CUT_OFF.includes(part.finishReason.unified)) {
      this.#end()
    }
  }

  #end(): void {
    if (this.#open.size > 0) throw toolCallInvalid('began a tool call, and never made it')
    const choice = this.#choice
    if (choice?.type === 'required' && this.#names.size === 0) throw toolCallInvalid('called no tool, where it had to')
    if (choice?.type === 'tool' && !this.#names.has(choice.toolName)) {
      throw toolCallInvalid('did not call the tool that it had to')
    }
  }
}
