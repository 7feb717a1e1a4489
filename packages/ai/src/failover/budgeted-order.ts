import { requestContext } from '../provenance/request-context.ts'
import type { MeteredRequest } from '../tiers/plan.ts'
import type { Member } from './members.ts'
import type { ModelMeter } from './meter.ts'
import { cheapest } from './order.ts'
import type { Order } from './order.ts'

/**
 * The order of a failover with budgets. When no model has room in them for a request, it is refused before anybody is asked; one of several that has
 * none is passed over when its turn comes. After a soft limit that wants it so, the cheapest is asked first.
 */
export function budgetedOrder(order: Order, all: readonly Member[]): Order {
  if (!all.some(({ meter }) => meter.isBudgeted)) return order
  return (options, needs) => {
    const members = order(options, needs)
    const context = requestContext(options)
    checkRoom(members, { options, context, inputTokens: needs().inputTokens })
    const isShort = members.some(({ meter }) => meter.prefersCheaper(context))
    return isShort ? cheapest(members, options, needs) : members
  }
}

/** Looks whether some model has room for a request. @throws HoldfastError BUDGET_EXCEEDED of the model that has room again soonest. */
export function checkRoom(members: readonly { readonly meter: ModelMeter }[], request: MeteredRequest): void {
  if (members.some(({ meter }) => meter.hasRoom(request))) return
  const waits: { readonly error: unknown; readonly ms: number }[] = []
  for (const { meter } of members) {
    try {
      meter.checkRoom(request)
      return
    } catch (error) {
      waits.push({ error, ms: (error as { retryAfterMs?: number }).retryAfterMs ?? Infinity })
    }
  }
  throw waits.toSorted((a, b) => a.ms - b.ms || 0)[0]!.error
}
