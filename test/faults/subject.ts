import type { FaultCase, Mode, Ways } from './cases.ts'

/** Where a model is, as every client of OpenAI's wire format takes it. */
export interface Endpoint {
  /** `http://127.0.0.1:port/v1`. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly model: string
}

/** What somebody who asked has seen. */
export interface Seen {
  readonly text: string
  /** Calls of tools: name and input, as JSON. */
  readonly calls: readonly string[]
  /** Whose answer it says it is, as far as it says. */
  readonly model: string | undefined
  /** Whether an error was thrown or came in the stream. */
  readonly failed: boolean
  readonly reason?: string
  /** How an answer that had broken off was mended, by its own account. */
  readonly mended?: unknown
}

/** Two models that stand in for each other, made by some library. */
export interface Pair {
  ask(mode: Mode, signal: AbortSignal): Promise<Seen>
  close?(): Promise<void>
}

/** A library under test. */
export interface Subject extends Ways {
  readonly name: string
  readonly version: string
  /** The sandbox's service that the first model is. Default: `llm`. */
  readonly service?: 'anthropic'
  /** Modes that it is asked in under a fault; default: all. */
  readonly has?: (mode: Mode, one: FaultCase) => boolean
  /** A pair in its first state, shared by all who ask at once. */
  pair(first: Endpoint, second: Endpoint): Promise<Pair> | Pair
}
