import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { requestContext } from '@holdfast/ai'
import { idempotencyKey } from '@holdfast/ai/agent'
import { HoldfastError } from '@holdfast/core'
import type { Clock } from '@holdfast/core'
import { ZodError } from 'zod'
import type { ToolName, ToolResults } from './run-tool.ts'

/** How long the same wish of a tenant counts as the same deed where there is no conversation to tell by, in ms. */
export const SAME_WISH_MS = 600_000

/** Most deeds remembered at once; the oldest go first. */
const MOST_DEEDS = 10_000

/** A deed that is done, now or before. */
export interface Deed<Name extends ToolName> {
  readonly result: ToolResults[Name]
  /** True when it had been done for another request before, and nothing was done now. */
  readonly repeated: boolean
}

/** What the desk has done in other systems, so that nothing is done twice. In the memory of this process; what is written is also remembered by the connectors, in the store where there is one. */
export interface Deeds {
  /**
   * Does it, unless the same was done before: in the same conversation, or without one for the same tenant within
   * {@link SAME_WISH_MS}. `write` gets the key of the deed, and the input that this stands for.
   * @throws what `write` throws; HoldfastError `WRITE_UNCONFIRMED` when it may have been done before and nobody knows.
   */
  once<Name extends ToolName>(
    call: LanguageModelV4CallOptions,
    name: Name,
    input: unknown,
    write: (key: string, input: unknown) => Promise<ToolResults[Name]>,
  ): Promise<Deed<Name>>
  /** Notes that somebody else may have done it. */
  doubt(call: LanguageModelV4CallOptions, name: ToolName, input: unknown): Promise<void>
  /** Whether something may have been done for this call without a confirmation. */
  unconfirmed(call: LanguageModelV4CallOptions): boolean
  /** What had been done before when this call asked for it. */
  repeated(call: LanguageModelV4CallOptions): ToolResults[ToolName] | undefined
}

interface Entry {
  /** Undefined once it is known that nobody knows. */
  outcome: Promise<unknown> | undefined
  readonly requestId: string
  /** With what it was tried; undefined where somebody else may have done it. */
  readonly tried?: { readonly key: string; readonly input: unknown } | undefined
  /** On the monotonic clock, in ms. */
  readonly until: number
}

/** Makes {@link Deeds}. @param options.areKept whether the connectors remember their writes in a store: then a person may have settled one that nobody knew of. */
export function createDeeds(clock: Clock, { areKept }: { readonly areKept: boolean }): Deeds {
  const entries = new Map<string, Entry>()
  // All tiers of a request get the same prompt object.
  const unconfirmed = new WeakSet<LanguageModelV4Prompt>()
  const repeated = new WeakMap<LanguageModelV4Prompt, ToolResults[ToolName]>()

  const known = (wish: string): Entry | undefined => {
    const entry = entries.get(wish)
    if (entry !== undefined && entry.until > clock.now()) return entry
    entries.delete(wish)
    return undefined
  }
  const note = (wish: string, entry: Entry): void => {
    entries.set(wish, entry)
    if (entries.size > MOST_DEEDS) entries.delete(entries.keys().next().value as string)
  }

  /** The same wish once more. */
  const again = async <Name extends ToolName>(
    call: LanguageModelV4CallOptions,
    { outcome, requestId }: Entry,
  ): Promise<Deed<Name>> => {
    try {
      if (outcome === undefined) throw unconfirmedBefore()
      const result = (await outcome) as ToolResults[Name]
      // A model that does it twice within one answer repeats nothing that the customer knows of.
      const isNews = requestContext(call).requestId === requestId
      if (!isNews) repeated.set(call.prompt, result)
      return { result, repeated: !isNews }
    } catch (error) {
      if (isWithoutEffect(error)) throw error
      unconfirmed.add(call.prompt)
      // What the first caller was told, its own abort perhaps, is not the whole truth for this one.
      throw unconfirmedBefore()
    }
  }

  /** What the memory says now; that it does not know is what was known before. */
  const settledSince = (entry: Entry, outcome: Promise<unknown>): Promise<unknown> =>
    outcome.catch(() => {
      entry.outcome = undefined
      throw unconfirmedBefore()
    })

  return {
    async once<Name extends ToolName>(
      call: LanguageModelV4CallOptions,
      name: Name,
      input: unknown,
      write: (key: string, input: unknown) => Promise<ToolResults[Name]>,
    ): Promise<Deed<Name>> {
      const { tenant = 'default', requestId = crypto.randomUUID(), sessionId } = requestContext(call)
      const wish = await wishOf(call, name, input)
      const key = await idempotencyKey({ tenant, requestId: sessionId ?? requestId }, name, input)
      const before = known(wish)
      if (before !== undefined) {
        const { outcome, tried } = before
        // The memory of the connector knows whether a person has settled it since.
        if (areKept && outcome === undefined && tried !== undefined)
          before.outcome = settledSince(before, write(tried.key, tried.input))
        return again(call, before)
      }
      const outcome = write(key, input)
      const entry: Entry = {
        outcome,
        requestId,
        tried: { key, input },
        until: sessionId === undefined ? clock.now() + SAME_WISH_MS : Infinity,
      }
      note(wish, entry)
      try {
        return { result: await outcome, repeated: false }
      } catch (error) {
        if (isWithoutEffect(error)) {
          if (entries.get(wish) === entry) entries.delete(wish)
        } else {
          entry.outcome = undefined
          unconfirmed.add(call.prompt)
        }
        throw error
      }
    },
    async doubt(call, name, input) {
      const wish = await wishOf(call, name, input)
      const { requestId = '' } = requestContext(call)
      if (known(wish) !== undefined) return
      note(wish, { outcome: undefined, requestId, until: clock.now() + SAME_WISH_MS })
    },
    unconfirmed: (call) => unconfirmed.has(call.prompt),
    repeated: (call) => repeated.get(call.prompt),
  }
}

/** Whether a write that failed so has certainly not been made. */
export function isWithoutEffect(error: unknown): boolean {
  return error instanceof ZodError || (HoldfastError.isInstance(error) && !error.mayHaveTakenEffect)
}

/** The same wish in the same conversation, or of the same tenant, has the same name, whatever was noted beside it. */
function wishOf(call: LanguageModelV4CallOptions, name: ToolName, input: unknown): Promise<string> {
  const { tenant = 'default', sessionId } = requestContext(call)
  const { notes: _, ...wish } = input as Record<string, unknown>
  const { category, emails, sequence } = wish
  return idempotencyKey({ tenant, requestId: sessionId === undefined ? '' : `in ${sessionId}` }, name, {
    ...wish,
    ...(typeof category === 'string' ? { category: plain(category) } : {}),
    ...(typeof sequence === 'string' ? { sequence: plain(sequence) } : {}),
    ...(Array.isArray(emails) ? { emails: emails.map((email) => plain(String(email))).toSorted() } : {}),
  })
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
}

function unconfirmedBefore(): HoldfastError {
  return new HoldfastError({
    code: 'WRITE_UNCONFIRMED',
    category: 'rejected',
    message: 'This may have been done before; it is not done again until a person has looked.',
    retryable: false,
    mayHaveTakenEffect: true,
  })
}
