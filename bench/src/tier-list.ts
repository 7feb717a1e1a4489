/*
 * What a tier list and a guarded model cost while everything is well, at the model level: a model that answers at once is
 * read to its end, alone and wrapped, with a short answer and a long one. Each is measured in processes of its own, since one that has
 * run all of them runs each as slowly as the least regular; they take turns, so that a slow moment of the machine meets all.
 * (V8 is told not to guess which objects live long: a wrong guess, which is made by chance, keeps all that they refer to and doubles the times.)
 * The cost per part is the slope between the two answers, the cost per call the rest: what an answer without parts would cost more than
 * the model alone. Run it with `node --conditions=holdfast-source bench/src/tier-list.ts`; names of wrappers behind it measure only those.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LONG, OTHER_PARTS, SHORT } from './tier-list/answers.ts'
import type { Found } from './tier-list/answers.ts'
import { wrappers } from './tier-list/wrappers.ts'

const TURNS = 5
const ALONE = 'the model alone'

const run = promisify(execFile)
const one = new URL('tier-list/one.ts', import.meta.url).pathname
const asked = process.argv.slice(2)
const names = Object.keys(wrappers).filter((name) => asked.length === 0 || name === ALONE || asked.includes(name))
const found = new Map<string, Found[]>(names.map((name) => [name, []]))

for (let turn = 0; turn < TURNS; turn += 1) {
  for (const [name, all] of found) {
    const { stdout } = await run(process.execPath, [
      '--conditions=holdfast-source',
      '--no-allocation-site-pretenuring',
      one,
      name,
    ])
    all.push(JSON.parse(stdout) as Found)
  }
}

/** The least of the turns: whoever shares the machine's cores doubles the times of whole processes, and makes none shorter. */
function timeOf(name: string, how: keyof Found, answer: 'short' | 'long'): number {
  return Math.min(...(found.get(name) ?? []).map((one) => one[how][answer]))
}

for (const how of ['doStream', 'doGenerate'] as const) {
  const slope = (name: string): number => (timeOf(name, how, 'long') - timeOf(name, how, 'short')) / (LONG - SHORT)
  const rows = [...found.keys()].map((name) => {
    const us = timeOf(name, how, 'short')
    const added = us - timeOf(ALONE, how, 'short')
    const part = slope(name) - slope(ALONE)
    return {
      [how]: name,
      'µs, 8 parts': us.toFixed(1),
      'added, 8 parts': added.toFixed(1),
      'added a call': (added - part * (SHORT + OTHER_PARTS)).toFixed(1),
      'added a part': part.toFixed(2),
    }
  })
  console.table(rows)
}
