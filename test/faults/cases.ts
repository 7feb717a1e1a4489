import type { FaultOptions } from '@holdfast/sandbox'

/** How a question is asked. */
export interface Mode {
  readonly streaming: boolean
  /**
   * `text`: a plain answer. `tools`: a call of the tool that was offered. `loop`: that tool run, and an answer from its result. `json`: an object that fits
   * a schema.
   */
  readonly wants: 'text' | 'tools' | 'loop' | 'json'
}

export const MODES: readonly Mode[] = [false, true].flatMap((streaming) =>
  (['text', 'tools', 'loop', 'json'] as const).map((wants) => ({ streaming, wants })),
)

/**
 * What came of a question.
 *
 * - `first`, `second`: the whole answer of that model, once.
 * - `joined`: the whole answer, once, begun by the first and ended by the second.
 * - `restarted`: the beginning of the first's, the sign that it begins anew, and the whole answer of the second.
 * - `refused`: an error that names what cannot be asked for, and nobody was asked.
 * - `error`: an error, and nothing shown.
 * - `broken off`: the beginning of the first model's answer, then an error; nothing of another answer after it.
 * - `CALLED`: a call of a tool was handed over, then came an error: the tool has run for an answer that never was.
 * - `TWICE`: the tool ran more than once.
 * - `SHORT`: a beginning that passes for a whole answer. `EMPTY`: nothing that passes for one. `MIXED`: what no model has said.
 * - `HANGS`: nothing after {@link PATIENCE_MS}.
 */
export type Outcome =
  | 'first'
  | 'second'
  | 'joined'
  | 'restarted'
  | 'refused'
  | 'error'
  | 'broken off'
  | 'CALLED'
  | 'TWICE'
  | 'SHORT'
  | 'EMPTY'
  | 'MIXED'
  | 'HANGS'

/** What may come of a question. */
export type Expected = readonly Outcome[]

/** A fault of the first model, and what has to come of each question while it lasts. */
export interface FaultCase {
  readonly title: string
  /** None: everything is well. */
  readonly fault?: FaultOptions
  /** Without streaming, whatever is wanted; and where streaming delivers nothing before it is whole (a tool call, JSON). */
  readonly whole: Expected
  /** A text that is streamed, after a tool or not. */
  readonly streamed: Expected
}

const SECOND: Expected = ['second']
const second = { whole: SECOND, streamed: SECOND }
/** Words have been shown when the answer breaks off: another answer after them would be a lie. */
const midStream = { whole: SECOND, streamed: ['broken off'] } as const

/** Long enough for a model that works on a busy machine. */
export const FIRST_OUTPUT_MS = 4_000
export const IDLE_MS = 4_000
/** Longer than all time limits together. */
export const PATIENCE_MS = 10_000

/** How many ask at once. */
export const CALLERS: readonly number[] = [1, 100]

export const CASES: readonly FaultCase[] = [
  { title: 'none', whole: ['first'], streamed: ['first'] },
  { title: 'connection refused', fault: { fault: 'down' }, ...second },
  {
    title: 'up and down in turns',
    fault: { fault: 'flap', downMs: 40, upMs: 40 },
    whole: ['first', 'second'],
    streamed: ['first', 'second', 'broken off'],
  },
  { title: '500', fault: { fault: 'error', status: 500 }, ...second },
  { title: '503, Retry-After', fault: { fault: 'error', status: 503, retryAfterSeconds: 30 }, ...second },
  { title: '529, overloaded', fault: { fault: 'error', status: 529 }, ...second },
  { title: '502 with a web page', fault: { fault: 'error', status: 502, body: '<html>Bad Gateway</html>' }, ...second },
  { title: '401', fault: { fault: 'error', status: 401 }, ...second },
  { title: '403', fault: { fault: 'error', status: 403 }, ...second },
  {
    title: '404, model gone',
    fault: {
      fault: 'error',
      status: 404,
      body: {
        error: {
          message: 'The model does not exist',
          type: 'invalid_request_error',
          param: null,
          code: 'model_not_found',
        },
      },
    },
    ...second,
  },
  // What is wrong with the request is wrong for the second model, too; it would only be billed for it.
  { title: '400, request wrong', fault: { fault: 'error', status: 400 }, whole: ['error'], streamed: ['error'] },
  // The second may have room; nobody has said that it has less.
  { title: '400, prompt too long', fault: { fault: 'error', status: 400, variant: 'context-length' }, ...second },
  { title: '429', fault: { fault: 'rate-limit' }, ...second },
  {
    title: '429, quota used up',
    fault: {
      fault: 'error',
      status: 429,
      body: {
        error: {
          message: 'You exceeded your current quota',
          type: 'insufficient_quota',
          param: null,
          code: 'insufficient_quota',
        },
      },
    },
    ...second,
  },
  { title: 'headers late', fault: { fault: 'slow', delayMs: 6_000 }, ...second },
  { title: 'headers never', fault: { fault: 'hang' }, ...second },
  { title: 'headers, then silence', fault: { fault: 'silent' }, ...second },
  { title: 'cut before the first word', fault: { fault: 'cut', afterParts: 1 }, ...second },
  { title: 'cut in the middle', fault: { fault: 'cut' }, ...midStream },
  { title: 'ended before the first word', fault: { fault: 'cut', variant: 'end', afterParts: 1 }, ...second },
  { title: 'ended in the middle', fault: { fault: 'cut', variant: 'end' }, ...midStream },
  { title: '200 with a web page', fault: { fault: 'malformed', variant: 'html' }, ...second },
  { title: '200 with nothing', fault: { fault: 'malformed', variant: 'empty' }, ...second },
  { title: '200 with an error', fault: { fault: 'malformed', variant: 'error-body', afterParts: 0 }, ...second },
  { title: '200, an error in the middle', fault: { fault: 'malformed', variant: 'error-body' }, ...midStream },
  { title: '200 with a 429', fault: { fault: 'malformed', variant: 'rate-limit-body', afterParts: 0 }, ...second },
  { title: '200, a 429 in the middle', fault: { fault: 'malformed', variant: 'rate-limit-body' }, ...midStream },
  {
    title: '200, JSON of another shape',
    fault: { fault: 'malformed', variant: 'wrong-shape', afterParts: 0 },
    ...second,
  },
  { title: '200, another shape in the middle', fault: { fault: 'malformed', variant: 'wrong-shape' }, ...midStream },
  { title: '200, broken JSON', fault: { fault: 'malformed', afterParts: 0 }, ...second },
  { title: '200, broken JSON in the middle', fault: { fault: 'malformed' }, ...midStream },
]

/** What is asked of a library beyond the usual. */
export interface Ways {
  /** It goes on with an answer that breaks off, or begins it anew. */
  readonly goesOn?: boolean
  /** It says that it does not do this. */
  readonly refuses?: (mode: Mode) => boolean
}

/**
 * What has to come of a question under a fault. Of many at once the first have their answers broken off, or mended; where the circuit opens by that, those who come after
 * them get the second model's.
 */
export function expectedOf(one: FaultCase, mode: Mode, callers: number, { goesOn = false, refuses }: Ways): Expected {
  if (refuses?.(mode) === true) return ['refused']
  if (!mode.streaming || mode.wants === 'tools' || mode.wants === 'json') return one.whole
  // Where tools were offered nobody goes on in the middle.
  const mended = mode.wants === 'text' ? 'joined' : 'restarted'
  const streamed = goesOn ? one.streamed.map((what) => (what === 'broken off' ? mended : what)) : one.streamed
  return callers > 1 && one.streamed[0] === 'broken off' ? [...streamed, 'second'] : streamed
}
