import type { z } from 'zod'
import { invalid } from '../shared/invalid.ts'

/** What a tool is told beside its input. */
export interface McpToolContext {
  /** Aborts when the caller gives up, when the connection ends, and when the tool's time is over. */
  readonly signal: AbortSignal
  /** Tells the caller how far it is, if the caller wants to know. Never fails. */
  progress(done: number, total?: number, message?: string): void
}

/** What a host may make of a tool before it calls it. Hints, to which nobody is bound. */
export interface McpToolAnnotations {
  readonly title?: string
  /** It changes nothing: it may be called again after any failure. */
  readonly readOnlyHint?: boolean
  readonly destructiveHint?: boolean
  /** Doing it twice is like doing it once. */
  readonly idempotentHint?: boolean
  readonly openWorldHint?: boolean
}

/** A tool in plain terms: a name, what goes in and comes out, and a function. */
export interface McpTool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** 1 to 64 letters, digits, `_` and `-`. */
  readonly name: string
  readonly title?: string | undefined
  /** For the model that decides whether to call it. */
  readonly description: string
  /** An object. What does not fit is refused before `run`. */
  readonly input: Input
  /** An object. Without one, results go out unchecked. */
  readonly output?: Output | undefined
  readonly annotations?: McpToolAnnotations | undefined
  /** Gives an object, which goes out as JSON and as text, a string, or nothing. A `HoldfastError` it throws is told with its category and its wait; of any other, nothing is. */
  run(input: z.output<Input>, context: McpToolContext): unknown
}

/** A tool whose input is typed by its schema. @throws HoldfastError `INVALID_OPTION` for a name that no host would take */
export function defineMcpTool<Input extends z.ZodType, Output extends z.ZodType = z.ZodType>(
  tool: McpTool<Input, Output>,
): McpTool<Input, Output> {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name)) {
    throw invalid('the name of a tool', '1 to 64 letters, digits, _ and -', tool.name)
  }
  return tool
}
