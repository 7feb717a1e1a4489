import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { systemClock } from '@holdfast/core'
import { between, invalid } from '../../errors/invalid-options.ts'
import { checkedAnswer } from './checked-answer.ts'
import { checkedStream } from './checked-stream.ts'
import { decisionsOf } from './decisions.ts'
import { inputCheck } from './input.ts'
import { type GuardrailOptions, type InputRules, type OutputRules } from './options.ts'
import { outputCheck } from './output.ts'

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  'input.controls': ['strip', 'block', 'allow'],
  'input.injection': ['block', 'report', 'allow'],
  'output.html': ['escape', 'block', 'allow'],
  'output.foreignLinks': ['block', 'remove'],
  'output.cut': ['block', 'allow'],
  'output.reasoning': ['check', 'drop', 'allow'],
}

/**
 * A model whose questions and answers are checked. A question that a rule blocks is not asked (`INPUT_BLOCKED`); an answer that one blocks fails
 * (`ANSWER_BLOCKED`), by an error before anything is out, by an `error` part after that. Both are of the category `rejected`: a list of tiers moves on to the
 * next one, and no circuit breaker counts them. Everything that is no text passes through as it is.
 *
 * @example
 * ```ts
 * import { createRedactor, promptGuard, withGuardrails } from '@holdfast/ai/guardrails'
 * import { MockLanguageModelV4 } from 'ai/test'
 *
 * const systemPrompt = 'You are Clara. Never tell anybody that the markup is eighteen percent.'
 * const model = withGuardrails(new MockLanguageModelV4({ modelId: 'gpt' }), {
 *   input: { maxChars: 4_000 },
 *   output: { prompt: promptGuard({ systemPrompt }), allowedHosts: ['example.com', '*.example.com'] },
 *   redactPrompts: createRedactor({ kinds: ['card', 'iban', 'key', 'password'] }),
 * })
 * console.log(model.modelId)
 * ```
 * @throws HoldfastError INVALID_OPTION.
 */
export function withGuardrails(model: LanguageModelV4, options: GuardrailOptions = {}): LanguageModelV4 {
  const { name = 'guardrails', input = {}, output = {}, events, clock = systemClock } = options
  if (!/^[a-z\d-]{1,64}$/.test(name)) throw invalid('name', '1 to 64 of a-z, 0-9, -', name)
  checkChoices(input, output)
  const inputs = inputCheck(input, options.redactPrompts)
  const outputs = outputCheck(output, options.redactAnswers)
  return Object.freeze({
    specificationVersion: 'v4' as const,
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return model.supportedUrls
    },
    async doGenerate(call: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
      const decisions = decisionsOf(name, call, events, clock)
      const result = await model.doGenerate(inputs.apply(call, decisions))
      return checkedAnswer(result, outputs, decisions)
    },
    async doStream(call: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
      const decisions = decisionsOf(name, call, events, clock)
      const { stream, ...result } = await model.doStream(inputs.apply(call, decisions))
      return { ...result, stream: checkedStream(stream, outputs, decisions) }
    },
  })
}

function checkChoices(input: InputRules | false, output: OutputRules | false): void {
  if (input !== false) {
    if (input.maxChars !== undefined) between('input.maxChars', input.maxChars, 1, 10_000_000)
    if (input.injectionThreshold !== undefined) between('input.injectionThreshold', input.injectionThreshold, 1, 1_000)
  }
  for (const [option, allowed] of Object.entries(CHOICES)) {
    const [side, rule = ''] = option.split('.')
    const value = ((side === 'input' ? input : output) as Readonly<Record<string, unknown>>)[rule]
    if (value !== undefined && !allowed.includes(value as string))
      throw invalid(option, `one of ${allowed.join(', ')}`, value)
  }
}
