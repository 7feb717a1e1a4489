/*
 * Measures one wrapper, in a process of its own, and prints what it found as JSON. Started by `../tier-list.ts`.
 */
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { LONG, SHORT } from './answers.ts'
import type { Found } from './answers.ts'
import { model, wrappers } from './wrappers.ts'

const CALLS: Readonly<Record<number, number>> = { [SHORT]: 8_000, [LONG]: 400 }
const ROUNDS = 15
/** Rounds before those that count: a service that has run for a second has done as many calls. */
const WARM_UP = 10

const options = {
  prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Any jets from Nice to London?' }] }],
}

async function streamed(subject: LanguageModelV4): Promise<void> {
  const reader = (await subject.doStream(options)).stream.getReader()
  for (let done = false; !done;) ({ done } = await reader.read())
}

async function generated(subject: LanguageModelV4): Promise<void> {
  await subject.doGenerate(options)
}

/** The median over the rounds, in µs a call. */
async function measure(how: (subject: LanguageModelV4) => Promise<void>, deltas: number): Promise<number> {
  const subject = wrapperOf(process.argv[2] ?? '')(model(deltas))
  const calls = CALLS[deltas] ?? 1
  const times: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    const begun = performance.now()
    for (let call = 0; call < calls; call += 1) await how(subject)
    if (round >= 0) times.push(((performance.now() - begun) * 1_000) / calls)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN
}

function wrapperOf(name: string): (inner: LanguageModelV4) => LanguageModelV4 {
  const wrap = wrappers[name]
  if (wrap === undefined) throw new Error(`"${name}" is none of ${Object.keys(wrappers).join(', ')}`)
  return wrap
}

const found: Found = {
  doStream: { short: await measure(streamed, SHORT), long: await measure(streamed, LONG) },
  doGenerate: { short: await measure(generated, SHORT), long: await measure(generated, LONG) },
}
console.log(JSON.stringify(found))
