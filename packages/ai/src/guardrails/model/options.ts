import type { Clock, Events } from '@holdfast/core'
import type { AiEvent } from '../../events/events.ts'
import type { ForbiddenClaims } from '../checks/claims.ts'
import type { PromptGuard } from '../prompt/prompt-guard.ts'
import type { Redactor } from '../redaction/redactor.ts'

/** What is looked for in what goes to the model: in the user's messages since the last answer, and in results of tools since then. */
export interface InputRules {
  /** Longest text of one message, in UTF-16 units; a longer one is blocked. 1 to 10,000,000. Default: 16,000. */
  readonly maxChars?: number | undefined
  /** Control characters, direction marks and characters without width. Default: `strip`. */
  readonly controls?: 'strip' | 'block' | 'allow' | undefined
  /** Attempts to take the assistant over. `report` lets them through, with an event. Default: `block`. */
  readonly injection?: 'block' | 'report' | 'allow' | undefined
  /** From which score on a text counts as such an attempt. 1 to 1,000. Default: 9. */
  readonly injectionThreshold?: number | undefined
  /** Whether results of tools are looked at, too. Default: true. */
  readonly toolResults?: boolean | undefined
  /** Hosts that links may lead to, `*.example.com` for all below one; a link to any other is blocked. Default: links are not looked at. */
  readonly allowedHosts?: readonly string[] | undefined
}

/** What is looked for in what comes from the model. */
export interface OutputRules {
  /** Keeps the system prompt from being told, in text, reasoning and what is passed to tools. Default: none. */
  readonly prompt?: PromptGuard | undefined
  /** `<` where a tag begins. `escape` makes it `&lt;`; `block` blocks an answer with a tag. Default: `escape`. */
  readonly html?: 'escape' | 'block' | 'allow' | undefined
  /** Hosts that links may lead to, `*.example.com` for all below one. Default: any. Links that run a script are always blocked. */
  readonly allowedHosts?: readonly string[] | undefined
  /** What becomes of links to other hosts. `remove` puts `[link removed]` in their place. Default: `block`. */
  readonly foreignLinks?: 'block' | 'remove' | undefined
  /** What must not be claimed. Default: nothing. */
  readonly claims?: ForbiddenClaims | undefined
  /** An answer that ends because it has grown too long (finish reason `length`). Default: `block`. */
  readonly cut?: 'block' | 'allow' | undefined
  /** Reasoning: looked at for leaks and redacted, left out, or passed on as it is. Default: `check`. */
  readonly reasoning?: 'check' | 'drop' | 'allow' | undefined
  /** Whether what is passed to tools is looked at for leaks. Default: true. */
  readonly toolInputs?: boolean | undefined
}

/** How a model is guarded. */
export interface GuardrailOptions {
  /** As events call it. 1 to 64 characters: lower-case letters, digits, `-`. Default: `guardrails`. */
  readonly name?: string | undefined
  /** Default: those rules that have a default. `false` for none. */
  readonly input?: InputRules | false | undefined
  /** Default: those rules that have a default. `false` for none. */
  readonly output?: OutputRules | false | undefined
  /** Redacts what users, tools and earlier answers say before the model sees it. Default: nothing is redacted. */
  readonly redactPrompts?: Redactor | undefined
  /** Redacts answers. Default: nothing is redacted. */
  readonly redactAnswers?: Redactor | undefined
  /** Where decisions are told. */
  readonly events?: Events<AiEvent> | undefined
  readonly clock?: Clock | undefined
}

/** What {@link InputRules} and {@link OutputRules} fall back to. */
export const GUARDRAIL_DEFAULTS: Readonly<{
  maxChars: number
  controls: 'strip'
  injection: 'block'
  injectionThreshold: number
  toolResults: boolean
  html: 'escape'
  foreignLinks: 'block'
  cut: 'block'
  reasoning: 'check'
  toolInputs: boolean
}> = Object.freeze({
  maxChars: 16_000,
  controls: 'strip',
  injection: 'block',
  injectionThreshold: 9,
  toolResults: true,
  html: 'escape',
  foreignLinks: 'block',
  cut: 'block',
  reasoning: 'check',
  toolInputs: true,
})
