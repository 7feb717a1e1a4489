import type { DeskToolCall } from '@holdfast/agents/desks'
import type { McpRegistry } from '@holdfast/agents/mcp'
import { aircraftCategory } from '@holdfast/connectors/avinode'
import type { TripQuery } from '@holdfast/connectors/avinode'
import { HoldfastError } from '@holdfast/core'
import * as z from 'zod'
import type { ClientProfile } from './client-data.ts'
import type { CharterTools, ClientSheet } from './tools.ts'

/** The MCP servers whose tools the desk calls; any of them may be somebody else's. */
export const TOOL_SERVERS: Readonly<{ needed: readonly string[]; optional: readonly string[] }> = Object.freeze({
  needed: Object.freeze(['avinode', 'email']),
  optional: Object.freeze(['google-sheets']),
})

const text = z.string().max(10_000)
const aircraft = z.object({
  id: text,
  aircraftType: text,
  tail: text.optional(),
  operator: text.optional(),
  maxPassengers: z.number().optional(),
  yearOfMake: z.number().optional(),
})
const quote = z.object({
  id: text,
  aircraft,
  operator: text.optional(),
  price: z.object({ amount: z.number(), currency: text }).optional(),
  status: text.optional(),
  validUntil: text.optional(),
})
const OFFERS = z.object({ offers: z.array(aircraft) })
const ASKED = z.object({ requestId: z.string().min(1).max(100), problems: z.array(text).default([]) })
const QUOTES = z.object({
  requestId: text,
  canceled: z.boolean().default(false),
  quotes: z.array(quote),
  unread: z.int().default(0),
  unanswered: z.array(aircraft),
})
const SENT = z.object({ id: text, rejected: z.array(text).default([]) })
const ROWS = z.object({ rows: z.array(z.object({ values: z.record(z.string(), z.unknown()) })) })

/** Of a row so much is kept. */
const MOST_CELLS = 50
const MOST_CHARS = 1_000

type Call = Parameters<CharterTools['avinode']['searchAircraft']>[1]

/**
 * What the desk works with, as tools of MCP servers. Whoever serves them, an answer is held against its form before it is used; and each write carries its idempotency key.
 * @param sheet where the clients are; none where there is no sheet.
 */
export function toolsOver(mcp: Pick<McpRegistry, 'callTool'>, sheet?: ClientSheet): CharterTools {
  async function use<Output>(
    [server, tool]: readonly [string, string],
    args: object,
    { signal, requestId, idempotencyKey }: NonNullable<Call> = {},
    shape: z.ZodType<Output>,
    isWrite = false,
  ): Promise<Output> {
    const { structuredContent } = await mcp.callTool(
      server,
      tool,
      { ...args, ...(isWrite && idempotencyKey !== undefined ? { idempotencyKey } : {}) },
      { ...(signal === undefined ? {} : { signal }), ...(requestId === undefined ? {} : { requestId }) },
    )
    const read = shape.safeParse(structuredContent)
    if (!read.success) throw malformed(server, tool, read.error.issues[0]?.path.join('.') ?? '', isWrite)
    return read.data
  }
  return {
    avinode: {
      searchAircraft: (query, call) =>
        use(['avinode', 'search_aircraft'], tripOf(query), call, OFFERS) as ReturnType<
          CharterTools['avinode']['searchAircraft']
        >,
      requestQuote: (query, call) => use(['avinode', 'request_quotes'], tripOf(query), call, ASKED, true),
      readQuotes: (requestId, call) =>
        use(['avinode', 'read_quotes'], { requestId }, call, QUOTES) as ReturnType<
          CharterTools['avinode']['readQuotes']
        >,
    },
    mailer: {
      send: ({ to, subject, text: body = '' }, call) =>
        use(['email', 'send_email'], { to: [to].flat().map(addressOf), subject, text: body }, call, SENT, true),
    },
    ...(sheet === undefined
      ? {}
      : {
          async lookUpClient(email, call) {
            const where = { [sheet.email]: email }
            const args = { sheet: sheet.name, where, limit: 1 }
            const { rows } = await use(['google-sheets', 'find_rows'], args, call, ROWS)
            return rows[0] === undefined ? undefined : profileOf(rows[0].values, sheet, email)
          },
        }),
  }
}

/** One call of each tool, as {@link toolsOver} makes them; here they go nowhere. */
export function exampleCalls(sheet: ClientSheet): readonly DeskToolCall[] {
  const calls: DeskToolCall[] = []
  const callTool: McpRegistry['callTool'] = (server, tool, args = {}) => {
    calls.push({ server, tool, args })
    return new Promise(() => undefined)
  }
  const { avinode, mailer, lookUpClient } = toolsOver({ callTool }, sheet)
  const call = { idempotencyKey: 'check-1' }
  const leg = { from: 'KTEB', to: 'KMIA', date: '2030-01-07', time: '09:30' }
  const query = { segments: [leg], passengers: 4, category: 'Heavy jet' }
  void avinode.searchAircraft(query, call)
  void avinode.requestQuote(query, call)
  void avinode.readQuotes('arfq-1', call)
  void mailer.send({ to: 'ada@example.com', subject: 'Your flight', text: 'Two jets are free.' }, call)
  void lookUpClient?.('ada@example.com', call)
  return calls
}

function tripOf({ category, ...trip }: TripQuery): object {
  return { ...trip, ...(category === undefined ? {} : { category: aircraftCategory(category) ?? category }) }
}

function addressOf(to: string | { readonly address: string }): string {
  return typeof to === 'string' ? to : to.address
}

/** A client as a row has him. What is no text where text belongs is left out; a row of somebody else is none. */
function profileOf(
  values: Readonly<Record<string, unknown>>,
  sheet: ClientSheet,
  email: string,
): ClientProfile | undefined {
  const cells = new Map(Object.entries(values).map(([column, cell]) => [column.trim().toLowerCase(), cell]))
  const cell = (column: string): unknown => cells.get(column.trim().toLowerCase())
  if (String(cell(sheet.email)).trim().toLowerCase() !== email) return undefined
  const own = [sheet.email, sheet.clientName, sheet.phone].map((column) => column.trim().toLowerCase())
  const details = Object.entries(values)
    .filter(([column, value]) => !own.includes(column.trim().toLowerCase()) && isCell(value))
    .slice(0, MOST_CELLS)
  const name = cell(sheet.clientName)
  const phone = cell(sheet.phone)
  return {
    ...(isLine(name) ? { name: name.trim() } : {}),
    ...(isLine(phone) || typeof phone === 'number' ? { phone: String(phone).trim() } : {}),
    ...(details.length === 0 ? {} : { details: Object.fromEntries(details) }),
  }
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && /\p{L}|\d/u.test(value) && /^[^\p{Cc}]{1,200}$/u.test(value)
}

function isCell(value: unknown): boolean {
  if (typeof value === 'string') return value !== '' && value.length <= MOST_CHARS
  return typeof value === 'number' || typeof value === 'boolean'
}

function malformed(server: string, tool: string, where: string, mayHaveTakenEffect: boolean): HoldfastError {
  return new HoldfastError({
    code: 'TOOL_ANSWER_MALFORMED',
    category: 'malformed',
    message: `${tool} of ${server} has answered in another form than the desk knows${where === '' ? '' : `: see ${where.slice(0, 100)}`}`,
    retryable: !mayHaveTakenEffect,
    mayHaveTakenEffect,
  })
}
