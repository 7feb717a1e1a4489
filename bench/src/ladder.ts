/*
 * How long a whole ladder with nothing alive takes to answer, on the real clock: two models that refuse, nothing remembered, then
 * templates, fixed replies and the last word, as one after another of them is broken as well. Run it with
 * `node --conditions=holdfast-source bench/src/ladder.ts`.
 */
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createAnswerMemory, staleTier, tierList } from '@holdfast/ai'
import { lastWord } from '@holdfast/ai/last-word'
import { createIntents, staticTier, templateTier } from '@holdfast/ai/replies'
import { createTriage, emergencyTier } from '@holdfast/ai/triage'

const CALLS = 3_000
const contact = { name: 'the help desk', phone: '+39 02 555 0100', hours: 'day and night' }
const refuse = (): Promise<never> => Promise.reject(new Error('down'))
const broken = (modelId: string): LanguageModelV4 => ({
  specificationVersion: 'v4',
  provider: 'bench',
  modelId,
  supportedUrls: {},
  doGenerate: refuse,
  doStream: refuse,
})
const memory = createAnswerMemory()
const begun = performance.now()
const triage = createTriage()
const intents = createIntents()
const built = performance.now() - begun

/** @param alive how many of the three last rungs work, counted from the bottom. */
function ladder(alive: number): LanguageModelV4 {
  return tierList({
    name: 'desk',
    tiers: [
      { name: 'emergency', model: emergencyTier({ triage, contact, openTicket: () => undefined }), exceptional: true },
      { name: 'main', model: broken('main') },
      { name: 'second', model: broken('second') },
      { name: 'stale', model: staleTier({ memory, assistant: 'desk' }) },
      { name: 'template', model: alive >= 3 ? templateTier({ intents, contact }) : broken('template') },
      { name: 'static', model: alive >= 2 ? staticTier({ intents, contact }) : broken('static') },
      { name: 'last-word', model: lastWord(contact) },
    ],
  })
}

async function answered(model: LanguageModelV4, text: string): Promise<number> {
  const start = performance.now()
  const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text }] }] })
  let said = ''
  for await (const part of stream) if (part.type === 'text-delta') said += part.delta
  if (!said.includes(contact.phone)) throw new Error('an answer without the phone number')
  return performance.now() - start
}

const rows = []
for (const [rung, alive, message] of [
  ['template', 3, 'what is your phone number?'],
  ['static', 2, 'please write me a poem about the sea'],
  ['last word', 1, 'please write me a poem about the sea'],
] as const) {
  const model = ladder(alive)
  const first = await answered(model, message)
  const times: number[] = []
  const before = process.cpuUsage()
  // A number makes each message a new one to the caches.
  for (let call = 0; call < CALLS; call += 1) times.push(await answered(model, `${message} ${call}`))
  const { user, system } = process.cpuUsage(before)
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor(share * (CALLS - 1))] ?? Number.NaN).toFixed(3)
  rows.push({
    'answered by': rung,
    first: first.toFixed(2),
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    'CPU a call': ((user + system) / 1_000 / CALLS).toFixed(3),
  })
}
console.log(
  `ms to a whole answer, ${CALLS} one after another, and of CPU time, which other work on the machine does not change; ${built.toFixed(0)} ms to build triage and intents`,
)
console.table(rows)
