import type { LanguageModelV4ToolCall } from '@ai-sdk/provider'
import { toolInputMalformed } from '../../errors/failures.ts'

/**
 * Looks at a call before it is let out. What a provider has run itself has been done, whatever its input was; and nothing at all is an empty object, as for the AI SDK.
 *
 * @throws HoldfastError TOOL_INPUT_MALFORMED.
 */
export function checkToolCall({ input, providerExecuted = false }: LanguageModelV4ToolCall): void {
  if (providerExecuted || input.trim() === '') return
  try {
    JSON.parse(input)
  } catch {
    throw toolInputMalformed()
  }
}
