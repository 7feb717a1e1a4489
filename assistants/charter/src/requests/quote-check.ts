import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import type { Quote } from '@holdfast/connectors/avinode'
import type { Clock } from '@holdfast/core'
import * as z from 'zod'
import { keepQuotes, keptQuotes, noteChanges } from './keep-quotes.ts'
import { PATIENTLY } from './tools.ts'
import type { CharterTools } from './tools.ts'

/** The quotes of a request as they are now. */
export interface CheckedQuotes {
  /** When they were looked at: wall time in ms since the Unix epoch. */
  readonly at: number
  /** The request for them was called off at the marketplace. */
  readonly canceled: boolean
  readonly quotes: readonly Quote[]
  /** Those who have not answered; left out where the marketplace is away, and the quotes are those that were kept last. */
  readonly missing?: readonly string[]
}

/** Which request, and whether a marketplace that is away is waited for: some hours; else what was kept last is taken. */
interface CheckInput {
  readonly rfqId: string
  readonly isPatient: boolean
}

/** The agent that looks again: what an operator has offered may be withdrawn, dearer or over by the time somebody decides. */
export function quoteCheckAgent(
  { avinode }: CharterTools,
  clock: Pick<Clock, 'wallTime'>,
): Workflow<CheckInput, CheckedQuotes> {
  return defineWorkflow({
    name: 'quote-check',
    version: 1,
    input: z.object({ rfqId: z.string().max(100), isPatient: z.boolean() }),
    async run(run, { rfqId, isPatient }): Promise<CheckedQuotes> {
      const { requestId } = run
      const call = requestId === undefined ? {} : { requestId }
      const look = run.step(
        'look',
        async ({ signal }) => {
          const { canceled, quotes, unread = 0, unanswered } = await avinode.readQuotes(rfqId, { ...call, signal })
          return { canceled, quotes, unread, missing: namesOf(unanswered) }
        },
        isPatient ? PATIENTLY : { retries: 0 },
      )
      const seen = await (isPatient ? look : look.catch(() => undefined))
      return run.transaction('keep', async (transaction) => {
        const at = clock.wallTime()
        if (seen === undefined) return { at, canceled: false, quotes: await keptQuotes(transaction, rfqId) }
        const { unread, ...found } = seen
        const changes = await keepQuotes(
          transaction,
          rfqId,
          seen.canceled ? { quotes: [] } : { quotes: found.quotes, unread },
        )
        if (requestId !== undefined) await noteChanges(transaction, requestId, changes)
        // An offer that was left out of a long list is taken to be as it was.
        return { at, ...found, ...(unread === 0 ? {} : { quotes: await keptQuotes(transaction, rfqId) }) }
      })
    },
  })
}

/** Who has not answered, each once: one operator may have been asked about several of its aircraft. */
export function namesOf(
  unanswered: readonly { readonly id: string; readonly tail?: string; readonly operator?: string }[],
): readonly string[] {
  return [...new Set(unanswered.map(({ operator, tail, id }) => operator ?? tail ?? id))]
}
