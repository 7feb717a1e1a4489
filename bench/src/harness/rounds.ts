import { median } from './report.ts'

/** What is measured: one call. */
export type Contestant = () => unknown

/** How one contestant did. */
export interface Figure {
  readonly name: string
  /** Median over the rounds. */
  readonly nanoseconds: number
  /** Median of this round's time over the same round's time of the first contestant, and of each other one. */
  readonly times: Readonly<Record<string, number>>
  /** Garbage per call, where it was measured. */
  readonly bytes?: number
}

export interface RoundsOptions {
  /** Default: 9. */
  readonly rounds?: number
  /** Rounds before those that count, in which the engine compiles everything. Default: 10. */
  readonly warmUp?: number
  /** How long a contestant has in a round, in ms; decides how many calls it makes. Default: 40. */
  readonly roundMs?: number
  /** Whether garbage is measured too. Default: false. */
  readonly measuresGarbage?: boolean
}

/**
 * Lets contestants take turns in one process, round after round. Times depend on the machine and on what else it does; ratios are taken within
 * a round, so they do not.
 */
export async function compare(
  contestants: Readonly<Record<string, Contestant>>,
  { rounds = 9, warmUp = 10, roundMs = 40, measuresGarbage = false }: RoundsOptions = {},
): Promise<readonly Figure[]> {
  const names = Object.keys(contestants)
  const calls: Record<string, number> = {}
  for (const [name, contestant] of Object.entries(contestants)) calls[name] = await callsWithin(contestant, roundMs)
  const measured: Record<string, number>[] = []
  for (let round = -warmUp; round < rounds; round++) {
    const times: Record<string, number> = {}
    for (const [name, contestant] of Object.entries(contestants)) {
      times[name] = await nanosecondsPerCall(contestant, calls[name] ?? 1)
    }
    if (round >= 0) measured.push(times)
  }
  const bytes: Record<string, number> = {}
  if (measuresGarbage) {
    for (const [name, contestant] of Object.entries(contestants)) bytes[name] = await bytesPerCall(contestant)
  }
  return names.map((name) => ({
    name,
    nanoseconds: median(measured.map((times) => times[name] ?? Number.NaN)),
    times: Object.fromEntries(
      names.map((other) => [other, median(measured.map((times) => (times[name] ?? 0) / (times[other] ?? 1)))]),
    ),
    ...(measuresGarbage ? { bytes: bytes[name] ?? Number.NaN } : {}),
  }))
}

/** How many calls a contestant makes in a time; lets the engine compile it on the way. */
async function callsWithin(contestant: Contestant, ms: number): Promise<number> {
  let calls = 50
  for (;;) {
    const nanoseconds = await nanosecondsPerCall(contestant, calls)
    if (nanoseconds * calls >= ms * 5e5) return Math.max(10, Math.round((ms * 1e6) / nanoseconds))
    calls *= 4
  }
}

async function nanosecondsPerCall(contestant: Contestant, calls: number): Promise<number> {
  const start = process.hrtime.bigint()
  for (let call = 0; call < calls; call++) await contestant()
  return Number(process.hrtime.bigint() - start) / calls
}

/** Few enough that the collector does not run in between. */
const CALLS_PER_SAMPLE = 200

/** What a call leaves behind for the garbage collector, in bytes: what the heap grows by, without a collection. */
async function bytesPerCall(contestant: Contestant): Promise<number> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('needs --expose-gc')
  const samples: number[] = []
  for (let sample = 0; sample < 15; sample++) {
    gc()
    const before = process.memoryUsage().heapUsed
    for (let call = 0; call < CALLS_PER_SAMPLE; call++) await contestant()
    samples.push((process.memoryUsage().heapUsed - before) / CALLS_PER_SAMPLE)
  }
  return Math.max(0, median(samples))
}
