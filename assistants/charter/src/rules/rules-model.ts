import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Contact, TextAnswer } from '@holdfast/ai'
import { requestContext, textModel } from '@holdfast/ai'
import type { ConversationReader } from '../conversation.ts'
import { reach } from '../offline.ts'
import { isWithoutEffect } from '../tools/deeds.ts'
import type { Deeds } from '../tools/deeds.ts'
import { runTool } from '../tools/run-tool.ts'
import type { CharterApis } from '../tools/run-tool.ts'
import { WRITE_TOOLS } from '../tools/schemas.ts'
import { notAccepted } from './not-accepted.ts'
import { phrasesOf } from './phrases/index.ts'
import { plan } from './plan.ts'
import { askBack, replyAgain, replyTo } from './replies.ts'

/** What the model-free desk works with. */
export interface RulesModelOptions {
  readonly apis: CharterApis
  readonly conversations: ConversationReader
  readonly deeds: Deeds
  /** Who can tell whether something was sent that nobody has confirmed. */
  readonly contact: Contact
}

/**
 * The charter desk without a language model: rules read the message, the right API is asked, and a template says what came back, in the
 * asker's language and with a sentence that says so. What is missing is asked for; misuse and other business are refused.
 *
 * Rejects with the API's HoldfastError when it fails; what it did not accept is answered in words. A write is not made when an earlier
 * attempt may have made it; that it may have been made, then or now, is an answer too.
 */
export function rulesModel(options: RulesModelOptions): LanguageModelV4 {
  return textModel('rules', (call) => answer(options, call), 'holdfast.charter')
}

async function answer(options: RulesModelOptions, call: LanguageModelV4CallOptions): Promise<TextAnswer> {
  const understanding = options.conversations.read(call)
  const phrases = phrasesOf(understanding.language)
  const signed = (text: string, rememberable: boolean): TextAnswer => ({
    text: `${text}\n\n_${phrases.rulesNotice}_`,
    report: { servedBy: 'rules', rememberable },
  })
  const unconfirmed = (): TextAnswer => ({
    text: `${phrases.mayBeSent}\n\n${reach(options.contact, understanding.language)}`,
    report: { servedBy: 'rules', rememberable: false, mayHaveTakenEffect: true },
  })
  // Then the model has tried it, however its message reads to the rules.
  if (mayHaveTakenEffect(call) && options.deeds.unconfirmed(call)) return unconfirmed()
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
      const { requestId = crypto.randomUUID() } = requestContext(call)
      const how = { requestId, ...(call.abortSignal === undefined ? {} : { signal: call.abortSignal }) }
      const writes = WRITE_TOOLS.has(tool)
      try {
        if (!writes)
          return signed(replyTo(tool, await runTool(options.apis, tool, input, how), phrases, understanding), true)
        if (mayHaveTakenEffect(call)) {
          await options.deeds.doubt(call, tool, input)
          return unconfirmed()
        }
        const write = (key: string, wish: unknown) => runTool(options.apis, tool, wish, { ...how, idempotencyKey: key })
        const { result, repeated } = await options.deeds.once(call, tool, input, write)
        return signed((repeated ? replyAgain : replyTo)(tool, result, phrases, understanding), false)
      } catch (error) {
        call.abortSignal?.throwIfAborted()
        const text = notAccepted(error, tool, input, phrases)
        if (text !== undefined) return signed(text, false)
        if (writes && !isWithoutEffect(error)) return unconfirmed()
        throw error
      }
    }
  }
}

/** Whether something tried before this may have reached another system although no answer came. */
function mayHaveTakenEffect(call: LanguageModelV4CallOptions): boolean {
  return (requestContext(call).priorAttempts ?? []).some((attempt) => attempt.mayHaveTakenEffect === true)
}
