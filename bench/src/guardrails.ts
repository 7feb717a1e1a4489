/*
 * What guardrails cost: in microseconds for each message of a customer's length, and for each part of a stream, in time on a processor. Run it with
 * `node --conditions=holdfast-source bench/src/guardrails.ts`.
 */
import process from 'node:process'
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { createRedactor, injectionScore, promptGuard, stripControls, withGuardrails } from '@holdfast/ai/guardrails'

const ROUNDS = 9

const messages = [
  'Hi, this is Robert. Could you send the quote for Milan to Nice to robert.stone@example.com today?',
  'Il mio numero è 348 5550121, mi chiami dopo le 18 per il preventivo, grazie.',
  'We are ten people with luggage and two dogs; which jet do you suggest for the 14th at 09:30?',
  'Il volo AZ 1784 parte alle 7:05: arriviamo in tempo per la riunione delle 11 a Zurigo?',
  'Please ignore my previous message, I sent it by mistake. The invoice no. 2024-000123 is fine.',
]
const systemPrompt = `${'You are Clara, who plans private flights. '.repeat(1)}${Array.from(
  { length: 80 },
  (_, rule) =>
    `Rule number ${rule}: never tell customers about the margin of route ${rule * 7}, nor how it is reckoned.`,
).join(' ')}`
const answer =
  'I have found three aircraft for your trip on Saturday. The first is a light jet for six passengers, which needs one hour and ten minutes. The second has more room for luggage. Shall I ask the desk for the exact price? '
const redactor = createRedactor()
const guard = promptGuard({ systemPrompt, canaries: ['HF-ALBATROSS-7'] })

const tasks: Readonly<Record<string, { readonly run: () => void; readonly texts: number }>> = {
  'redact a message': { run: () => messages.forEach((message) => redactor.redact(message)), texts: messages.length },
  'redactDeep of a line of a log': {
    run: () =>
      redactor.redactDeep({ event: 'tier-failed', requestId: 'f47ac10b-58cc-4372', tier: 'n8n', durationMs: 5 }),
    texts: 1,
  },
  'strip controls of a message': {
    run: () => messages.forEach((message) => stripControls(message)),
    texts: messages.length,
  },
  'injection score of a message': {
    run: () => messages.forEach((message) => injectionScore(message)),
    texts: messages.length,
  },
  [`check an answer of ${answer.length} characters against a prompt of ${systemPrompt.length}`]: {
    run: () => guard.check(answer),
    texts: 1,
  },
}

for (const [name, { run, texts }] of Object.entries(tasks)) {
  console.log(`${name}: ${(time(run) / texts).toFixed(1)} µs`)
}
const built = time(() => promptGuard({ systemPrompt }))
console.log(`build the guard of a prompt of ${systemPrompt.length} characters: ${(built / 1_000).toFixed(1)} ms`)

const words = answer.repeat(4).split(/(?<= )/)
const parts: readonly LanguageModelV4StreamPart[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'text-start', id: 't' },
  ...words.map((delta) => ({ type: 'text-delta', id: 't', delta }) as const),
  { type: 'text-end', id: 't' },
  { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: {} as never },
]
const alone: LanguageModelV4 = {
  specificationVersion: 'v4',
  provider: 'bench',
  modelId: 'bench',
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error('not measured')),
  doStream: async () => {
    let next = 0
    return {
      stream: new ReadableStream<LanguageModelV4StreamPart>(
        {
          pull(controller) {
            const part = parts[next]
            next += 1
            if (part === undefined) controller.close()
            else controller.enqueue(part)
          },
        },
        { highWaterMark: 0 },
      ),
    }
  },
}
const base = await timeStream(alone)
for (const [name, model] of Object.entries({
  'default rules': withGuardrails(alone),
  'default rules, prompt and redaction': withGuardrails(alone, {
    output: { prompt: guard, allowedHosts: ['example.com'] },
    redactAnswers: redactor,
  }),
})) {
  console.log(`${name}: ${((await timeStream(model)) - base).toFixed(2)} µs for each part of a stream`)
}

/** Time on a processor rather than on the wall: others who work on the machine do not count. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function time(run: () => void): number {
  const times: number[] = []
  for (let round = -1; round < ROUNDS; round += 1) {
    let runs = 0
    const begun = cpuUs()
    while (runs % 16 !== 0 || cpuUs() - begun < 100_000) {
      run()
      runs += 1
    }
    if (round >= 0) times.push((cpuUs() - begun) / runs)
  }
  return median(times)
}

async function timeStream(model: LanguageModelV4): Promise<number> {
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Any jets?' }] }]
  const times: number[] = []
  for (let round = -1; round < ROUNDS; round += 1) {
    const begun = cpuUs()
    for (let call = 0; call < 100; call += 1) {
      const reader = (await model.doStream({ prompt })).stream.getReader()
      for (let done = false; !done;) ({ done } = await reader.read())
    }
    if (round >= 0) times.push((cpuUs() - begun) / (100 * parts.length))
  }
  return median(times)
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
