import { z } from 'zod'
import { isTimeZone } from './brain/time-zone.ts'

/** The shapes in which n8n workflows answer, depending on how they are built. */
export const N8N_REPLIES = ['object', 'array', 'text', 'stream'] as const

/** What can be wrong with the workflow itself. */
export const N8N_WORKFLOWS = ['active', 'inactive', 'throws', 'throws-before-respond'] as const

/** What `POST /settings` takes; what is left out stays as it is. */
export const settingsSchema = z.strictObject({
  n8nReply: z.enum(N8N_REPLIES).optional(),
  n8nWorkflow: z.enum(N8N_WORKFLOWS).optional(),
  /** Language models tell their instructions in place of an answer, as one does that was talked into it. */
  llmRecites: z.boolean().optional(),
  /** Milliseconds before every reply. */
  latencyMs: z.number().min(0).max(60_000).optional(),
  /** Milliseconds between the parts of a stream. */
  partDelayMs: z.number().min(0).max(60_000).optional(),
  /** Milliseconds after a request for quotes up to which its quotes hold, also those that were given already. */
  quoteValidMs: z.number().min(0).max(31_536_000_000).optional(),
  /** What the prices of quotes are multiplied by, also of those that were given already. */
  quotePriceFactor: z.number().min(0.01).max(100).optional(),
  /** What the stand-ins take for now when they read dates such as `tomorrow`; null is the real time. */
  now: z.iso.datetime({ offset: true }).nullable().optional(),
  /** Time zone for such dates. */
  timeZone: z
    .string()
    .refine((zone) => isTimeZone(zone), 'an IANA time zone such as America/New_York')
    .optional(),
})

/** How the stand-ins behave while nothing is wrong. */
export interface Settings {
  readonly n8nReply: (typeof N8N_REPLIES)[number]
  readonly n8nWorkflow: (typeof N8N_WORKFLOWS)[number]
  readonly llmRecites: boolean
  readonly latencyMs: number
  readonly partDelayMs: number
  readonly quoteValidMs: number
  readonly quotePriceFactor: number
  readonly now: string | null
  readonly timeZone: string
}

export const SETTINGS_DEFAULTS: Settings = Object.freeze({
  n8nReply: 'object',
  n8nWorkflow: 'active',
  llmRecites: false,
  latencyMs: 0,
  partDelayMs: 10,
  quoteValidMs: 604_800_000,
  quotePriceFactor: 1,
  now: null,
  timeZone: 'America/New_York',
})
