import type { Budgets, BudgetSubject } from '@holdfast/ai'
import type { LlmProvider } from '@holdfast/connectors/llm'

/** What the configuration calls a model. */
export interface ConfiguredModel {
  readonly name: string
  readonly provider: LlmProvider
}

/**
 * The same budgets for one configured model: it is known to them by the names of the configuration, which tell two regions of one model
 * apart, and not by what the provider and the AI SDK call it.
 */
export function budgetsOfModel(budgets: Budgets, { name, provider }: ConfiguredModel): Budgets {
  const named = (subject: BudgetSubject): BudgetSubject => ({ ...subject, provider, model: name })
  return {
    expectedOutputTokens: budgets.expectedOutputTokens,
    needsPrice: (model) => budgets.needsPrice(named(model)),
    hasRoom: (subject, amounts) => budgets.hasRoom(named(subject), amounts),
    prefersCheaper: (subject) => budgets.prefersCheaper(named(subject)),
    reserve: (subject, amounts) => budgets.reserve(named(subject), amounts),
    snapshot: () => budgets.snapshot(),
    get revision() {
      return budgets.revision
    },
    changes: (since) => budgets.changes(since),
    onChange: (listener) => budgets.onChange(listener),
    heed: (spending, how) => budgets.heed(spending, how),
    standings: () => budgets.standings(),
    restore: (snapshot) => budgets.restore(snapshot),
  }
}
