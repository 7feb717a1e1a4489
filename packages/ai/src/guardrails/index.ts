export { createRedactor, REDACTION_KINDS } from './redaction/redactor.ts'
export type {
  Finding,
  RedactedText,
  RedactionKind,
  Redactor,
  RedactorOptions,
  StreamRedactor,
} from './redaction/redactor.ts'
export { DEEP_DEFAULTS } from './redaction/deep.ts'
export type { DeepOptions } from './redaction/deep.ts'
export type { PhoneCountry } from './redaction/phone-plans.ts'
export { PROMPT_GUARD_DEFAULTS, promptGuard } from './prompt/prompt-guard.ts'
export type { Leak, PromptGuard, PromptGuardOptions, PromptWatch } from './prompt/prompt-guard.ts'
export type { Disguise } from './prompt/disguises.ts'
export { injectionScore } from './injection/injection.ts'
export { stripControls } from './checks/controls.ts'
export type { Stripped } from './checks/controls.ts'
export type { ForbiddenClaims } from './checks/claims.ts'
export { GUARDRAIL_DEFAULTS } from './model/options.ts'
export type { GuardrailOptions, InputRules, OutputRules } from './model/options.ts'
export { withGuardrails } from './model/with-guardrails.ts'
export type { GuardrailAction, GuardrailDecided, GuardrailRule } from './events.ts'
