import { defineDesk } from '@holdfast/agents/desks'
import type { DeskDefinition } from '@holdfast/agents/desks'
import { HoldfastError } from '@holdfast/core'
import { isTimeZone } from '../conversation.ts'
import type { CharterTerms, ClientSheet } from './tools.ts'
import { exampleCalls, TOOL_SERVERS } from './tools-over-mcp.ts'
import type { WritingLimits } from './writing.ts'

/** How the desk for requests goes about them. */
export interface CharterRequestsOptions extends Partial<CharterTerms> {
  /** Default: `charter`. */
  readonly name?: string | undefined
  /** IANA name: where "tomorrow" is meant, and 9:00 of the daily report. Default: `America/New_York`. */
  readonly timeZone?: string | undefined
  /** When the daily report goes out: five fields of cron. Default: `0 9 * * *`. */
  readonly reportCron?: string | undefined
  /** Language models of the configuration, in the order in which they are asked for words. Default: the service `llm`; an empty list for no model: then all words are the desk's own. */
  readonly models?: readonly string[] | undefined
  /** What a model may take for one text. */
  readonly writing?: Partial<WritingLimits> | undefined
  /** Where in the spreadsheet the clients are. Default: {@link CLIENT_SHEET}. */
  readonly clientSheet?: Partial<ClientSheet> | undefined
}

const HOUR_MS = 3_600_000

/** What {@link CharterRequestsOptions} fall back to. */
export const CHARTER_TERMS: Omit<CharterTerms, 'deskName' | 'deskEmail'> = Object.freeze({
  approvers: Object.freeze(['staff']),
  quoteWaitMs: 2 * HOUR_MS,
  lookEveryMs: 300_000,
  quorum: 3,
  approvalWaitMs: 3 * 24 * HOUR_MS,
  followUpMs: 24 * HOUR_MS,
})

/** What {@link CharterRequestsOptions.clientSheet} falls back to. */
export const CLIENT_SHEET: ClientSheet = Object.freeze({
  name: 'Clients',
  email: 'E-mail',
  clientName: 'Name',
  phone: 'Phone',
})

/** What {@link CharterRequestsOptions.writing} falls back to. */
export const WRITING_LIMITS: WritingLimits = Object.freeze({ timeoutMs: 20_000, maxOutputTokens: 1_000 })

/**
 * The charter desk for requests that take hours or days: "four people, Teterboro to Miami, Friday" becomes a search and requests for quotes at Avinode, a ranked proposal with reasons, a
 * letter that a person approves, and a second letter to a client who has not answered after a day. A daily report goes out at 9:00.
 *
 * @throws HoldfastError `INVALID_OPTION` for a time zone that there is not.
 */
export function charterRequests(options: CharterRequestsOptions = {}): DeskDefinition {
  const { name = 'charter', timeZone = 'America/New_York', models } = options
  if (!isTimeZone(timeZone)) throw invalidZone(timeZone)
  return defineDesk({
    name,
    title: 'Charter desk',
    integrations: ['avinode', 'resend', ...(models === undefined ? ['llm'] : [])],
    ...(models === undefined ? {} : { models }),
    toolServers: TOOL_SERVERS.needed,
    optionalToolServers: TOOL_SERVERS.optional,
    toolCalls: exampleCalls({ ...CLIENT_SHEET, ...options.clientSheet }),
    // Loaded by who opens it: the store and the workflows come along.
    build: async (runtime) => (await import('./build-desk.ts')).buildDesk(runtime, { ...options, timeZone }),
  })
}

function invalidZone(zone: unknown): HoldfastError {
  const came = typeof zone === 'string' ? JSON.stringify(zone.slice(0, 80)) : String(zone)
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `timeZone must be the IANA name of a time zone, such as "America/New_York"; it is ${came}.`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}
