/** Which rule decided. */
export type GuardrailRule =
  | 'size'
  | 'controls'
  | 'injection'
  | 'links'
  | 'script-link'
  | 'prompt-leak'
  | 'html'
  | 'claim'
  | 'empty'
  | 'cut'
  | 'redaction'

/**
 * What was done. `blocked`: the call or the answer failed. `redacted`, `stripped`, `escaped`, `removed`: something was taken out or made harmless, and the rest
 * went on. `reported`: nothing was changed.
 */
export type GuardrailAction = 'blocked' | 'redacted' | 'stripped' | 'escaped' | 'removed' | 'reported'

/** A guardrail did something about a question or an answer. Never holds any of its text. */
export interface GuardrailDecided {
  readonly type: 'guardrail-decided'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** The name of the guardrails. */
  readonly guardrail: string
  /** As the caller said it; missing if it did not. */
  readonly requestId?: string
  readonly tenant: string
  /** `input`: what goes to the model. `output`: what comes from it. */
  readonly direction: 'input' | 'output'
  readonly rule: GuardrailRule
  readonly action: GuardrailAction
  /** More exactly what: the kind that was redacted, the name of the claim, how a leak was written. */
  readonly kind?: string
  /** How often, in this question or answer. */
  readonly count: number
}
