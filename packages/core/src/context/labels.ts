import { aText, objectWith, type Rule, type Rules } from '../validation/validate.ts'

/**
 * Who and what a call is for. Labels ride on errors and events, so that a failure can be found again in logs and traces. None of
 * them decides anything, except that admissions take `tenant` for the caller, who gets a fair share, and `session` for what is let in as a
 * whole. Each is 1 to 200 characters; keep secrets and personal data out of them.
 */
export interface CallLabels {
  /** The request this belongs to. */
  readonly requestId?: string | undefined
  /** The customer whose data this is about. */
  readonly tenant?: string | undefined
  /** The conversation, or whatever spans several requests. */
  readonly session?: string | undefined
  /** What was being done, such as `book-flight`. */
  readonly operation?: string | undefined
}

/** The rules for the options that are labels. */
export const LABEL_RULES: Rules<CallLabels> = { requestId: aText, tenant: aText, session: aText, operation: aText }

/**
 * The labels of the first source that has each, and nothing else: a carrier's store or a call's options may hold more, which is
 * nobody's business.
 */
export function labelsOf(...sources: readonly (CallLabels | undefined)[]): CallLabels {
  const labels: { -readonly [Key in keyof CallLabels]: CallLabels[Key] } = {}
  for (const key of Object.keys(LABEL_RULES) as (keyof CallLabels)[]) {
    const value = sources.find((source) => source?.[key] !== undefined)?.[key]
    if (value !== undefined) labels[key] = value
  }
  return labels
}

/**
 * Carries labels along a chain of asynchronous calls without passing them on by hand. Node's, Bun's, Deno's and Workers'
 * `AsyncLocalStorage<CallLabels>` is one as it is.
 */
export interface LabelCarrier {
  getStore(): CallLabels | undefined
  run<Result>(labels: CallLabels, fn: () => Result): Result
}

/** The rule for an option that is a {@link LabelCarrier}. */
export const CARRIER_RULE: Rule = /* @__PURE__ */ objectWith('getStore', 'run')
