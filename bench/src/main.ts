/*
 * What core costs, beside the libraries it stands in for. Run all of it with `npm run bench`, or one part with `npm run bench -- breaker`. Each part prints
 * a table and writes `bench/results/<part>.json`; fails when an aim is missed.
 */
import { exposeCollector } from './harness/collector.ts'
import { machine, table, writeResult } from './harness/report.ts'
import { breakerAlone, failingPath, openCircuit } from './suite/breaker.ts'
import type { Benchmark, Finding } from './suite/benchmark.ts'
import { cacheHit, cacheMiss } from './suite/cache.ts'
import { otherPolicies } from './suite/others.ts'
import { stack } from './suite/stack.ts'

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  stack,
  breaker: breakerAlone,
  'open-circuit': openCircuit,
  'failing-path': failingPath,
  'cache-hit': cacheHit,
  'cache-miss': cacheMiss,
  'other-policies': otherPolicies,
}

exposeCollector()
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => BENCHMARKS[name] === undefined)
if (unknown.length > 0)
  throw new Error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`)

console.log(`${machine()}\n`)
let missed = 0
for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const finding = await benchmark()
  print(finding)
  await writeResult(finding.name, finding)
  missed += finding.aims.filter(({ value, limit }) => !(value <= limit)).length
}
if (missed > 0) {
  console.error(`${missed} aims missed`)
  process.exitCode = 1
}

function print({ title, figures, aims }: Finding): void {
  const [first] = figures
  const hasBytes = first?.bytes !== undefined
  console.log(`${title}\n`)
  console.log(
    table(
      ['', 'ns a call', `times ${first?.name ?? ''}`, ...(hasBytes ? ['bytes a call'] : [])],
      figures.map(({ name, nanoseconds, times, bytes }) => [
        name,
        nanoseconds.toFixed(0),
        (times[first?.name ?? ''] ?? Number.NaN).toFixed(2),
        ...(hasBytes ? [(bytes ?? Number.NaN).toFixed(0)] : []),
      ]),
    ),
  )
  for (const { what, value, limit } of aims) {
    console.log(`  ${value <= limit ? 'met   ' : 'MISSED'} ${what}: ${value.toFixed(3)}, at most ${limit.toFixed(3)}`)
  }
  console.log('')
}
