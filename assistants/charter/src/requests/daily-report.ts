import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import * as z from 'zod'
import { PATIENTLY } from './tools.ts'
import type { CharterTerms, CharterTools } from './tools.ts'

const DAY_MS = 86_400_000

/** What there was since the report before. */
export interface DailyReport {
  readonly requests: Readonly<Record<string, number>>
  readonly quotes: number
  readonly lettersSent: number
}

/** The day in a zone, `YYYY-MM-DD`. @param at wall time in ms since the Unix epoch. */
export function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at)
}

/** What a report is about; `from` and `until` as wall times in ms since the Unix epoch. One of an earlier version of the desk has no `from`. */
interface ReportInput {
  readonly day: string
  readonly from?: number | undefined
  readonly until: number
}

/** The report that the desk's people get each morning, of what came since the one before. */
export function dailyReport(
  { mailer }: CharterTools,
  { deskEmail, deskName }: CharterTerms,
  timeZone: string,
): Workflow<ReportInput, DailyReport> {
  return defineWorkflow({
    name: 'charter-daily-report',
    version: 1,
    input: z.object({ day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/), from: z.number().optional(), until: z.number() }),
    async run(run, { day, until, from = until - DAY_MS }) {
      const report = await run.transaction('count', async (transaction) => {
        const since = new Date(from)
        const end = new Date(until)
        const requests = await transaction
          .selectFrom('requests')
          .select(['status', ({ fn }) => fn.countAll<string>().as('many')])
          .where('created_at', '>=', since)
          .where('created_at', '<', end)
          .groupBy('status')
          .execute()
        const quotes = await transaction
          .selectFrom('quotes')
          .select(({ fn }) => fn.countAll<string>().as('many'))
          .where('created_at', '>=', since)
          .where('created_at', '<', end)
          .executeTakeFirstOrThrow()
        const sent = await transaction
          .selectFrom('audit')
          .select(({ fn }) => fn.countAll<string>().as('many'))
          .where('action', '=', 'letter-sent')
          .where('created_at', '>=', since)
          .where('created_at', '<', end)
          .executeTakeFirstOrThrow()
        return {
          requests: Object.fromEntries(requests.map(({ status, many }) => [status, Number(many)])),
          quotes: Number(quotes.many),
          lettersSent: Number(sent.many),
        }
      })
      await run.step(
        'send',
        async ({ signal, idempotencyKey }) => {
          const lines = Object.entries(report.requests).map(([status, many]) => `- ${status}: ${many}`)
          const text = [
            `Requests from ${timeIn(from, timeZone)} to ${timeIn(until, timeZone)} (${timeZone}):`,
            lines.length === 0 ? '- none' : lines.join('\n'),
            `Quotes that came in: ${report.quotes}. Letters sent: ${report.lettersSent}.`,
          ].join('\n\n')
          const { id } = await mailer.send(
            { to: deskEmail, subject: `${deskName}: report of ${day}`, text },
            { signal, idempotencyKey },
          )
          return { id }
        },
        PATIENTLY,
      )
      return report
    },
  })
}

function timeIn(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(at)
}
