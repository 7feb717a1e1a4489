import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'

/** An answer that was given before. */
export interface RememberedAnswer {
  readonly text: string
  /** Who gave it then. */
  readonly tier: string
  readonly servedBy: string
  /** Wall time when it was given. */
  readonly at: number
}

/** Keeps good answers by assistant, tenant and normalised question. Bounded; never shared between tenants. */
export interface AnswerMemory {
  readonly size: number
  remember(assistant: string, options: LanguageModelV4CallOptions, answer: RememberedAnswer): void
  recall(
    assistant: string,
    options: LanguageModelV4CallOptions,
  ): (RememberedAnswer & { readonly ageMs: number }) | undefined
  clear(): void
}
