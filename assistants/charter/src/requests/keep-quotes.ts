import type { Quote, QuoteList } from '@holdfast/connectors/avinode'
import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import { isWithdrawn } from './ranking.ts'

/** What an operator asks, and until when. */
type Terms = Pick<Quote, 'price' | 'validUntil'>

/** What has become of a quote since it was kept. */
export interface QuoteChange {
  readonly kind: 'new' | 'revised' | 'withdrawn'
  readonly quoteId: string
  readonly operator: string | null
  readonly before?: Terms
  readonly after?: Terms
}

/**
 * Keeps the quotes of a request as they are now: a revised one takes the place of the one before, and one that is not there any more is kept as withdrawn, unless there are more than were read.
 * @returns what has changed since they were kept last.
 */
export async function keepQuotes(
  transaction: Transaction,
  rfqId: string,
  { quotes, unread = 0 }: Pick<QuoteList, 'quotes' | 'unread'>,
): Promise<readonly QuoteChange[]> {
  // Whoever else keeps them at this time comes after.
  const rfp = await transaction
    .selectFrom('rfps')
    .select('id')
    .where('external_id', '=', rfqId)
    .forUpdate()
    .executeTakeFirst()
  if (rfp === undefined) return []
  const rows = await transaction
    .selectFrom('quotes')
    .select(['external_id', 'details'])
    .where('rfp_id', '=', rfp.id)
    .orderBy('external_id')
    .execute()
  const kept = new Map(rows.map(({ external_id: id, details }) => [id!, details as unknown as Quote]))
  const gone = unread === 0 ? [...kept.values()].filter(({ id }) => !isListed(id, quotes)) : []
  const changes: QuoteChange[] = []
  for (const quote of [...quotes, ...gone.map((one): Quote => ({ ...one, status: 'withdrawn' }))]) {
    const before = kept.get(quote.id)
    if (before !== undefined && same(before, quote)) continue
    const row = rowOf(quote)
    if (before === undefined) {
      const fresh = await transaction
        .insertInto('quotes')
        .values({ rfp_id: rfp.id, external_id: quote.id, ...row })
        .onConflict((conflict) => conflict.columns(['tenant', 'external_id']).doNothing())
        .returning('id')
        .executeTakeFirst()
      if (fresh === undefined) continue
    } else await transaction.updateTable('quotes').set(row).where('external_id', '=', quote.id).execute()
    changes.push({
      kind: isWithdrawn(quote) ? 'withdrawn' : before === undefined ? 'new' : 'revised',
      quoteId: quote.id,
      operator: row.operator,
      ...(before === undefined ? {} : { before: termsOf(before) }),
      after: termsOf(quote),
    })
  }
  if (quotes.length > 0)
    await transaction.updateTable('rfps').set({ status: 'answered' }).where('id', '=', rfp.id).execute()
  return changes
}

/** The quotes of a request as they were kept last. */
export async function keptQuotes(transaction: Transaction, rfqId: string): Promise<readonly Quote[]> {
  const rows = await transaction
    .selectFrom('quotes')
    .innerJoin('rfps', 'rfps.id', 'rfp_id')
    .select('quotes.details')
    .where('rfps.external_id', '=', rfqId)
    .orderBy('quotes.external_id')
    .execute()
  return rows.map(({ details }) => details as unknown as Quote)
}

/** Notes what came after the search, in the activities and for those who watch: `quote-new`, `quote-revised`, `quote-withdrawn`. */
export async function noteChanges(
  transaction: Transaction,
  requestId: string,
  changes: readonly QuoteChange[],
): Promise<void> {
  for (const { kind, ...change } of changes) {
    const details = json(change)
    await transaction
      .insertInto('activities')
      .values({ request_id: requestId, agent: 'flight-search', activity: `quote-${kind}`, details })
      .execute()
    await transaction
      .insertInto('outbox')
      .values({ topic: `request:${requestId}`, event: `quote-${kind}`, payload: details })
      .execute()
  }
}

function rowOf(quote: Quote) {
  return {
    operator: quote.operator ?? quote.aircraft.operator ?? null,
    aircraft: quote.aircraft.aircraftType,
    amount: quote.price?.amount ?? null,
    currency: quote.price?.currency ?? null,
    details: json(quote),
  }
}

function isListed(id: string, quotes: readonly Quote[]): boolean {
  return quotes.some((quote) => quote.id === id)
}

function termsOf({ price, validUntil }: Quote): Terms {
  return { ...(price === undefined ? {} : { price }), ...(validUntil === undefined ? {} : { validUntil }) }
}

/** Whether it is the same offer: of the rest nothing matters to whoever decides. */
function same(a: Quote, b: Quote): boolean {
  return (
    a.price?.amount === b.price?.amount &&
    a.price?.currency === b.price?.currency &&
    a.validUntil === b.validUntil &&
    isWithdrawn(a) === isWithdrawn(b)
  )
}
