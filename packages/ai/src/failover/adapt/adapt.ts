import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider'
import type { Dialect } from './dialect.ts'
import { historyFor } from './history.ts'
import { withOptionsFor } from './provider-options.ts'
import { withToolsFor } from './tools.ts'

/** A request as one model is asked it, and what its result has to say about that. */
export interface Prepared {
  readonly call: LanguageModelV4CallOptions
  readonly warnings: readonly SharedV4Warning[]
}

const NO_WARNINGS: readonly SharedV4Warning[] = Object.freeze([])

/** A request as it is. */
export function unchanged(call: LanguageModelV4CallOptions): Prepared {
  return { call, warnings: NO_WARNINGS }
}

/**
 * A request that one model understands, of one that was written with another in mind, or has a history that others have answered. Options for other providers, which a
 * provider would not read, go without a word; whatever is lost, limited or renamed has a warning. The very same request where there is nothing to adapt.
 *
 * @param maxOutputTokens more are not asked for.
 */
export function adapt(
  call: LanguageModelV4CallOptions,
  dialect: Dialect,
  maxOutputTokens: number | undefined,
): Prepared {
  const warnings: SharedV4Warning[] = []
  let fit = call
  if (dialect.options !== undefined) {
    fit = withToolsFor(withOptionsFor(call, dialect.options), dialect, warnings)
    const prompt = historyFor(call, dialect, warnings)
    if (prompt !== call.prompt) fit = { ...fit, prompt }
  }
  const { maxOutputTokens: asked = 0 } = call
  if (maxOutputTokens !== undefined && asked > maxOutputTokens) {
    fit = { ...fit, maxOutputTokens }
    warnings.push({
      type: 'compatibility',
      feature: 'maxOutputTokens',
      details: `This model gives ${maxOutputTokens} tokens at most; ${asked} were asked for.`,
    })
  }
  return warnings.length === 0 ? unchanged(fit) : { call: fit, warnings }
}
