import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { requestContext } from '../provenance/request-context.ts'
import type { Budgets } from './budget/budgets.ts'
import type { Member } from './members.ts'
import { cheapest } from './order.ts'
import type { Order } from './order.ts'

/**
 * The order of a failover with budgets. When no model has room in them for a request, it is refused before anybody is asked; one of several that has
 * none is passed over when its turn comes. After a soft limit that wants it so, the cheapest is asked first.
 */
export function budgetedOrder(order: Order, budgets: Budgets | undefined): Order {
  if (budgets === undefined) return order
  return (options, needs) => {
    const members = order(options, needs)
    const { inputTokens } = needs()
    const context = requestContext(options)
    let isShort = false
    let hasRoom = false
    for (const { meter } of members) {
      const subject = meter.subjectOf(context)
      hasRoom ||= budgets.hasRoom(subject, meter.estimate(options, inputTokens))
      isShort ||= budgets.prefersCheaper(subject)
    }
    if (!hasRoom) refuse(budgets, members, options, inputTokens)
    return isShort ? cheapest(members, options, needs) : members
  }
}

/** @throws HoldfastError BUDGET_EXCEEDED of the model that has room again soonest. */
function refuse(
  budgets: Budgets,
  members: readonly Member[],
  options: LanguageModelV4CallOptions,
  inputTokens: number,
): void {
  const waits: { readonly error: unknown; readonly ms: number }[] = []
  for (const { meter } of members) {
    try {
      budgets.reserve(meter.subjectOf(requestContext(options)), meter.estimate(options, inputTokens)).settle()
      return
    } catch (error) {
      waits.push({ error, ms: (error as { retryAfterMs?: number }).retryAfterMs ?? Infinity })
    }
  }
  throw waits.toSorted((a, b) => a.ms - b.ms || 0)[0]!.error
}
