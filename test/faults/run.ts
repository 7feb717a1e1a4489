import { startSandbox, type Sandbox } from '@holdfast/sandbox'
import {
  CASES,
  expectedOf,
  MODES,
  PATIENCE_MS,
  type Expected,
  type FaultCase,
  type Mode,
  type Outcome,
} from './cases.ts'
import { judge } from './judge.ts'
import { askAiSdk } from './ai-sdk.ts'
import { directly } from './subjects/providers.ts'
import type { Endpoint, Pair, Seen, Subject } from './subject.ts'

const NAMES = ['sandbox-large', 'sandbox-mini'] as const

/** Two model services, whose first one can fail, and what they answer while they are well. */
export interface Stage {
  readonly first: Endpoint
  readonly second: Endpoint
  whole(mode: Mode): Promise<Seen>
  fault(one: FaultCase, service?: Subject['service']): Promise<void>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const settings = { partDelayMs: 1 }
  const sandboxes = await Promise.all([startSandbox({ settings }), startSandbox({ settings })])
  const endpointOf = ({ services }: Sandbox, model: string): Endpoint => ({
    baseUrl: services.llm.url,
    apiKey: 'sandbox-key',
    model,
  })
  const [first, second] = [endpointOf(sandboxes[0], NAMES[0]), endpointOf(sandboxes[1], NAMES[1])]
  const answers = new Map<Mode, Promise<Seen>>()
  return {
    first,
    second,
    whole(mode) {
      const known = answers.get(mode) ?? askAiSdk(directly(second), mode, AbortSignal.timeout(PATIENCE_MS))
      answers.set(mode, known)
      return known
    },
    async fault({ fault }, service) {
      const [{ faults }] = sandboxes
      await faults.clear()
      if (fault === undefined) return
      // The bodies that cases have are OpenAI's; others word it themselves.
      if (service !== undefined && 'body' in fault) await faults.set(service, { ...fault, body: undefined })
      else await faults.set(service ?? 'llm', fault)
    },
    async close() {
      await Promise.all(sandboxes.map((sandbox) => sandbox.close()))
    },
  }
}

/** One square of the matrix. */
export interface Cell {
  readonly fault: string
  readonly mode: Mode
  readonly callers: number
  readonly expected: Expected
  /** How often what came. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
  readonly met: boolean
  /** What one said that was not expected. */
  readonly example?: string
}

/** Asks one question, `callers` times at once, of a pair in its first state, under the fault that is set. */
export async function runCell(
  stage: Stage,
  subject: Subject,
  one: FaultCase,
  mode: Mode,
  callers: number,
): Promise<Cell> {
  const whole = await stage.whole(mode)
  const pair = await subject.pair(stage.first, stage.second)
  const seen = await Promise.all(Array.from({ length: callers }, () => patiently(pair, mode)))
  await pair.close?.()
  const expected = expectedOf(one, mode, callers, subject)
  const outcomes: Partial<Record<Outcome, number>> = {}
  let example: string | undefined
  for (const each of seen) {
    const outcome = judge(each, whole, NAMES)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    if (!expected.includes(outcome)) example ??= each === 'hangs' ? undefined : (each.reason ?? each.text)
  }
  const met = Object.keys(outcomes).every((outcome) => expected.includes(outcome as Outcome))
  return { fault: one.title, mode, callers, expected, outcomes, met, ...(example === undefined ? {} : { example }) }
}

/** How a subject is asked under a fault. */
export function modesOf(subject: Subject, one: FaultCase): readonly Mode[] {
  return MODES.filter((mode) => subject.has?.(mode, one) !== false)
}

/** All squares of one subject. */
export async function* runAll(stage: Stage, subject: Subject, callers: readonly number[]): AsyncGenerator<Cell> {
  await stage.fault({ title: '', whole: [], streamed: [] })
  for (const mode of MODES) await stage.whole(mode)
  for (const one of CASES) {
    const modes = modesOf(subject, one)
    await stage.fault(one, subject.service)
    for (const count of callers) {
      // Many ask one after the other, or they would be more than was said.
      const width = count === 1 ? modes.length : 1
      for (let from = 0; from < modes.length; from += width) {
        const some = modes.slice(from, from + width)
        yield* await Promise.all(some.map((mode) => runCell(stage, subject, one, mode, count)))
      }
    }
  }
}

/** Somebody whose own patience ends: what then is not there, hangs. */
async function patiently(pair: Pair, mode: Mode): Promise<Seen | 'hangs'> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const seen = await Promise.race([
    pair.ask(mode, patience),
    new Promise<'hangs'>((resolve) => patience.addEventListener('abort', () => resolve('hangs'))),
  ])
  return patience.aborted ? 'hangs' : seen
}
