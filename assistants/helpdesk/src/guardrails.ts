import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { AssistantRuntime } from '@holdfast/ai'
import { createRedactor, promptGuard, REDACTION_KINDS, withGuardrails } from '@holdfast/ai/guardrails'
import type { Redactor } from '@holdfast/ai/guardrails'
import type { Instructions } from './instructions.ts'
import type { HelpdeskGuardrails } from './options.ts'
import { HELPDESK_CLAIMS } from './texts/claims.ts'

/** By these customers reach the desk itself. */
const CONTACT_KINDS: readonly string[] = ['email', 'phone']

/** Takes out of a question what models do not get to see. @throws HoldfastError INVALID_OPTION */
export function promptRedactor({ redactPrompts: kinds }: HelpdeskGuardrails = {}): Redactor {
  return createRedactor({ kinds })
}

/** Guards the models of a help desk, by whatever way their answers come. @throws HoldfastError INVALID_OPTION */
export function guardedModel(
  model: LanguageModelV4,
  {
    name,
    instructions,
    canary,
  }: { readonly name: string; readonly instructions: Instructions; readonly canary: string },
  policy: HelpdeskGuardrails,
  { events, clock }: Pick<AssistantRuntime, 'events' | 'clock'>,
): LanguageModelV4 {
  const { text: systemPrompt, mayBeSaid } = instructions
  return withGuardrails(model, {
    name,
    input: policy.input,
    output: {
      claims: HELPDESK_CLAIMS,
      ...policy.output,
      prompt: promptGuard({ systemPrompt, canaries: [canary], mayBeSaid }),
    },
    redactPrompts: promptRedactor(policy),
    redactAnswers: createRedactor({
      kinds: policy.redactAnswers ?? REDACTION_KINDS.filter((kind) => !CONTACT_KINDS.includes(kind)),
    }),
    events,
    clock,
  })
}
