import { createMcpRegistry, createMcpServer, defineMcpTool, inProcess } from '@holdfast/agents/mcp'
import type { McpRegistry } from '@holdfast/agents/mcp'
import type { Quote } from '@holdfast/connectors/avinode'
import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import * as z from 'zod'

/** A letter as it has arrived. */
export interface Arrived {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
}

/** The world behind the desk's tools, as a test wants it. */
export interface Outside {
  /** What operators have answered, and who has not. */
  list: { quotes: readonly Quote[]; unanswered: readonly object[]; canceled?: boolean; unread?: number }
  offers: number
  asked: number
  looks: number
  readonly letters: Arrived[]
  /** Rows of the sheet; anything, since anything may stand there. */
  rows: readonly unknown[]
  readonly failing: { mail: number; sheet: boolean; market: boolean }
}

/** The servers `avinode`, `email` and `google-sheets`, as outside ones would be: the desk knows them by their tools alone. */
export function outsideTools(clock: Clock, rfqId: string): { readonly outside: Outside; readonly tools: McpRegistry } {
  const outside: Outside = {
    list: { quotes: [], unanswered: [] },
    offers: 2,
    asked: 0,
    looks: 0,
    letters: [],
    rows: [],
    failing: { mail: 0, sheet: false, market: false },
  }
  const keys = new Map<string, string>()
  const market = <T>(answer: T): T => {
    if (outside.failing.market) throw away('the market')
    return answer
  }
  const reads = { readOnlyHint: true }
  const avinode = [
    defineMcpTool({
      name: 'search_aircraft',
      description: 'Searches.',
      input: z.object({
        segments: z.array(z.looseObject({})),
        passengers: z.number(),
        category: z.string().optional(),
      }),
      annotations: reads,
      run: () =>
        market({
          offers: Array.from({ length: outside.offers }, (_, n) => ({ id: `acraft-${n}`, aircraftType: 'Phenom 300' })),
        }),
    }),
    defineMcpTool({
      name: 'request_quotes',
      description: 'Asks.',
      input: z.object({ segments: z.array(z.looseObject({})), passengers: z.number(), idempotencyKey: z.string() }),
      run: () => {
        outside.asked += 1
        return { requestId: rfqId, problems: [] }
      },
    }),
    defineMcpTool({
      name: 'read_quotes',
      description: 'Reads.',
      input: z.object({ requestId: z.literal(rfqId) }),
      annotations: reads,
      run: () => {
        outside.looks += 1
        return market({ requestId: rfqId, canceled: false, ...outside.list })
      },
    }),
  ]
  const email = defineMcpTool({
    name: 'send_email',
    description: 'Sends.',
    input: z.object({ to: z.array(z.string()), subject: z.string(), text: z.string(), idempotencyKey: z.string() }),
    run: ({ idempotencyKey, ...letter }) => {
      if (outside.failing.mail > 0) {
        outside.failing.mail -= 1
        throw away('the mail')
      }
      if (!keys.has(idempotencyKey)) outside.letters.push(letter)
      keys.set(idempotencyKey, letter.subject)
      return { id: idempotencyKey, rejected: [] }
    },
  })
  const sheet = defineMcpTool({
    name: 'find_rows',
    description: 'Finds.',
    input: z.object({ sheet: z.literal('Clients'), where: z.object({ 'E-mail': z.string() }), limit: z.number() }),
    annotations: reads,
    run: () => {
      if (outside.failing.sheet) throw away('the sheet')
      return { rows: outside.rows }
    },
  })
  const serverOf = (name: string, tools: Parameters<typeof createMcpServer>[0]['tools']) =>
    inProcess(createMcpServer({ name, version: '1.0.0', tools }))
  const tools = createMcpRegistry({
    servers: {
      avinode: { ...serverOf('avinode', avinode), policies: { retry: { maxRetries: 0 }, breaker: false } },
      email: { ...serverOf('email', [email]), policies: { retry: { maxRetries: 0 }, breaker: false } },
      'google-sheets': { ...serverOf('sheet', [sheet]), policies: { retry: { maxRetries: 0 }, breaker: false } },
    },
    clock,
  })
  return { outside, tools }
}

function away(what: string): HoldfastError {
  return new HoldfastError({
    code: 'AWAY',
    category: 'network',
    message: `${what} is down`,
    retryable: true,
    mayHaveTakenEffect: false,
  })
}
