/*
 * What a guarded call costs while everything is well, beside the call alone and beside what one would write by hand: a timeout, an
 * AbortController, a loop of tries. All take turns in one process, so the ratios count and the totals do not.
 * Run it with `npm run bench`.
 */
import { createEvents, createIntegration, systemClock, type AttemptContext, type CoreEvent } from '@holdfast/core'

const CALLS = 100_000
const ROUNDS = 15

const operation = async (): Promise<number> => 1
const readsSignal = async ({ signal }: Pick<AttemptContext, 'signal'>): Promise<number> => (signal.aborted ? 0 : 1)

async function byHand(work: (context: { signal: AbortSignal }) => Promise<number>): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new Error('timed out')
        controller.abort(error)
        reject(error)
      }, 10_000)
    })
    try {
      return await Promise.race([work(controller), timeout])
    } catch (error) {
      if (attempt > 2) throw error
    } finally {
      clearTimeout(timer)
    }
  }
}

const plain = createIntegration({ name: 'plain' })
const events = createEvents<CoreEvent>()
let seen = 0
events.on(() => void (seen += 1))
const heard = createIntegration({ name: 'heard', events })
const open = createIntegration({ name: 'open' })
open.circuit.isolate()
const caller = new AbortController()
const withSignal = { signal: caller.signal }

const contenders: Readonly<Record<string, () => Promise<unknown>>> = {
  'the call alone': operation,
  'by hand: timeout, abort, tries': () => byHand(operation),
  'integration.call': () => plain.call(operation),
  'integration.call, which reads its signal': () => plain.call(readsSignal),
  'integration.call, with a caller’s signal': () => plain.call(operation, withSignal),
  'integration.call, with a listener': () => heard.call(operation),
  'integration.call, rejected': () => open.call(operation).catch(() => undefined),
}

async function nanosecondsPerCall(call: () => Promise<unknown>): Promise<number> {
  const start = systemClock.now()
  for (let i = 0; i < CALLS; i++) await call()
  return ((systemClock.now() - start) / CALLS) * 1e6
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const names = Object.keys(contenders)
const rounds: Record<string, number>[] = []
for (let round = -2; round < ROUNDS; round++) {
  const times: Record<string, number> = {}
  for (const [name, call] of Object.entries(contenders)) times[name] = await nanosecondsPerCall(call)
  // The first rounds warm the engine up.
  if (round >= 0) rounds.push(times)
}

const [alone = '', byHandName = ''] = names
const column = (name: string, of?: string): number =>
  median(rounds.map((times) => (times[name] ?? 0) / (of === undefined ? 1 : (times[of] ?? 1))))

console.log(`${CALLS} calls in a row, ${ROUNDS} rounds, medians; Node ${process.version}\n`)
console.log(`${''.padEnd(42)} ns per call   x alone   x by hand`)
for (const name of names) {
  const numbers = [column(name).toFixed(0), column(name, alone).toFixed(1), column(name, byHandName).toFixed(2)]
  console.log(`${name.padEnd(42)} ${numbers.map((number, i) => number.padStart([11, 9, 11][i] ?? 0)).join(' ')}`)
}
