import { z } from 'zod'
import { hostOf, SERVICES } from '../services.ts'

/** The ways a stand-in can fail. */
export const FAULTS = ['down', 'error', 'slow', 'hang', 'silent', 'cut', 'malformed', 'flap', 'rate-limit'] as const

/** The shapes a malformed reply can take. */
export const MALFORMED_VARIANTS = [
  'broken-json',
  'wrong-shape',
  'html',
  'empty',
  'error-body',
  'rate-limit-body',
] as const

/** Refusals that a status alone does not tell. */
const ERROR_VARIANTS = ['context-length'] as const

/** The ways a reply can be cut: the socket destroyed, or the body ended cleanly though it is not whole. */
export const CUT_VARIANTS = ['destroy', 'end'] as const

/** Fields that every fault takes. */
const selection = {
  service: z.enum(SERVICES),
  /** Touches this many requests, then clears itself. */
  next: z.int().min(1).max(1_000_000).optional(),
  /** Touches this share of the requests, evenly spread: 0.25 is every fourth. */
  share: z.number().gt(0).max(1).optional(),
  /** Touches only requests whose path begins so. */
  path: z.string().startsWith('/').optional(),
}

const retryAfterSeconds = z.number().min(0).max(86_400)

/** What `POST /faults` takes. */
export const faultSchema = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.literal('down'), ...selection }),
  z.strictObject({
    fault: z.literal('error'),
    ...selection,
    status: z.int().min(400).max(599).default(500),
    /** Text is sent as it is, anything else as JSON; without it, what the vendor says for that status. */
    body: z.unknown().optional(),
    /** In place of what is said for the status: a prompt that is too long, of language models only. */
    variant: z.enum(ERROR_VARIANTS).optional(),
    retryAfterSeconds: retryAfterSeconds.optional(),
  }),
  z.strictObject({ fault: z.literal('slow'), ...selection, delayMs: z.number().min(0).max(600_000).default(6_000) }),
  z.strictObject({ fault: z.literal('hang'), ...selection }),
  z.strictObject({ fault: z.literal('silent'), ...selection }),
  z.strictObject({
    fault: z.literal('cut'),
    ...selection,
    /** Streams: this many parts arrive; default half of them. Whole replies always lose their second half. */
    afterParts: z.int().min(0).max(100_000).optional(),
    variant: z.enum(CUT_VARIANTS).default('destroy'),
  }),
  z.strictObject({
    fault: z.literal('malformed'),
    ...selection,
    variant: z.enum(MALFORMED_VARIANTS).default('broken-json'),
    /** Streams: this many good parts come first; default half of them. */
    afterParts: z.int().min(0).max(100_000).optional(),
  }),
  z.strictObject({
    fault: z.literal('flap'),
    ...selection,
    upMs: z.number().min(10).max(3_600_000).default(2_000),
    downMs: z.number().min(10).max(3_600_000).default(2_000),
  }),
  z.strictObject({
    fault: z.literal('rate-limit'),
    ...selection,
    /** Requests let through per window; 0 refuses all. */
    limit: z.int().min(0).max(1_000_000).default(0),
    windowMs: z.number().min(10).max(86_400_000).default(60_000),
    /** Default: what is left of the window. */
    retryAfterSeconds: retryAfterSeconds.optional(),
  }),
])

/** A fault, its defaults filled in. */
export type Fault = z.output<typeof faultSchema>

/** A fault as one writes it. */
export type FaultInput = z.input<typeof faultSchema>

/** A fault without the service it is for, as `faults.set(service, fault)` takes it. */
export type FaultOptions = FaultInput extends infer F ? (F extends FaultInput ? Omit<F, 'service'> : never) : never

/**
 * Whether a fault closes the port. One that is meant for some requests only, or for a stand-in at another's port, cannot: nobody counts
 * what a closed port refuses, so it resets the connections of those requests instead.
 */
export function closesPort(fault: Fault): boolean {
  const some = fault.next !== undefined || fault.share !== undefined || fault.path !== undefined
  const ownPort = hostOf(fault.service) === fault.service
  return (fault.fault === 'down' || fault.fault === 'flap') && ownPort && !some
}
