import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { requestContext, textResult, textStreamResult } from '@holdfast/ai'
import type { TierReport } from '@holdfast/ai'
import type { ConversationReader } from '../conversation.ts'
import { deedKey } from '../tools/charter-tools.ts'
import { runTool } from '../tools/run-tool.ts'
import type { CharterApis, ToolCallOptions, ToolName } from '../tools/run-tool.ts'
import { WRITE_TOOLS } from '../tools/schemas.ts'
import { notAccepted } from './not-accepted.ts'
import { phrasesOf } from './phrases/index.ts'
import { plan } from './plan.ts'
import { askBack, replyTo } from './replies.ts'

/** What the model-free desk works with. */
export interface RulesModelOptions {
  readonly apis: CharterApis
  readonly conversations: ConversationReader
}

interface Answer {
  readonly text: string
  readonly rememberable: boolean
}

/**
 * The charter desk without a language model: rules read the message, the right API is asked, and a template says what came back, in the
 * asker's language and with a sentence that says so. What is missing is asked for; misuse and other business are refused.
 *
 * Rejects with the API's HoldfastError when it fails; what it did not accept is answered in words. A write is not made when an earlier
 * attempt may have made it.
 */
export function rulesModel(options: RulesModelOptions): LanguageModelV4 {
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: 'holdfast.charter',
    modelId: 'rules',
    supportedUrls: {},
    async doGenerate(call: LanguageModelV4CallOptions) {
      const { text, rememberable } = await answer(options, call)
      return textResult(text, report(rememberable))
    },
    async doStream(call: LanguageModelV4CallOptions) {
      const { text, rememberable } = await answer(options, call)
      return textStreamResult(text, report(rememberable))
    },
  })
}

function report(rememberable: boolean): TierReport {
  return { servedBy: 'rules', rememberable }
}

async function answer({ apis, conversations }: RulesModelOptions, call: LanguageModelV4CallOptions): Promise<Answer> {
  call.abortSignal?.throwIfAborted()
  const understanding = conversations.read(call)
  const phrases = phrasesOf(understanding.language)
  const signed = (text: string, rememberable: boolean): Answer => ({
    text: `${text}\n\n_${phrases.rulesNotice}_`,
    rememberable,
  })
  const todo = plan(understanding)
  switch (todo.kind) {
    case 'greet':
      return signed(understanding.intent === 'help' ? phrases.help : phrases.greeting, false)
    case 'refuse':
      return signed(todo.reason === 'misuse' ? phrases.refuseMisuse : phrases.refuseScope, false)
    case 'ask':
      return signed(askBack(todo.missing, understanding, phrases), false)
    case 'call': {
      const { tool, input } = todo
      const writes = WRITE_TOOLS.has(tool)
      if (writes && mayHaveTakenEffect(call)) return signed(phrases.personWillCheck, false)
      try {
        const result = await runTool(apis, tool, input, await toolCall(call, tool, input))
        return signed(replyTo(tool, result, phrases, understanding), !writes)
      } catch (error) {
        const text = notAccepted(error, tool, input, phrases)
        if (text === undefined) throw error
        return signed(text, false)
      }
    }
  }
}

async function toolCall(call: LanguageModelV4CallOptions, tool: ToolName, input: unknown): Promise<ToolCallOptions> {
  const { requestId = crypto.randomUUID(), tenant = 'default', sessionId } = requestContext(call)
  return {
    requestId,
    ...(call.abortSignal === undefined ? {} : { signal: call.abortSignal }),
    ...(WRITE_TOOLS.has(tool) ? { idempotencyKey: await deedKey({ requestId, tenant, sessionId }, tool, input) } : {}),
  }
}

/** Whether something tried before this may have reached another system although no answer came. */
function mayHaveTakenEffect(call: LanguageModelV4CallOptions): boolean {
  return (requestContext(call).priorAttempts ?? []).some((attempt) => attempt.mayHaveTakenEffect === true)
}
