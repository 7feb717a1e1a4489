/*
 * How long an emergency waits for its answer, on the real clock: through a tier list whose every other tier hangs, with a ticket
 * that is kept at once, one that is kept on disk, and one that hangs; and how long the triage takes for a message. Run it
 * with `node --conditions=holdfast-source bench/src/emergency.ts`.
 */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { offlineTier, tierList } from '@holdfast/ai'
import { createTriage, emergencyTier } from '@holdfast/ai/triage'
import type { EmergencyTierOptions } from '@holdfast/ai/triage'

const MESSAGES = [
  'Our server is down and nobody can work!!',
  'il server è giù e nessuno riesce a lavorare',
  'we have ransomware on two PCs, what do we do',
  'siamo stati hackerati, tutti i file sono criptati',
]
const ORDINARY = ['What does "server down" mean?', 'quanto costa un antivirus?', 'My mouse has stopped working']
const CALLS = 400
const AT_ONCE = 10

const contact = { name: 'the help desk', phone: '+39 02 555 0100' }
const hang = (): Promise<never> => new Promise(() => undefined)
const hanging: LanguageModelV4 = {
  specificationVersion: 'v4',
  provider: 'bench',
  modelId: 'hanging',
  supportedUrls: {},
  doGenerate: hang,
  doStream: hang,
}

function desk(triage: ReturnType<typeof createTriage>, openTicket: EmergencyTierOptions['openTicket']) {
  return tierList({
    name: 'desk',
    tiers: [
      { name: 'emergency', model: emergencyTier({ triage, contact, openTicket, notify: hang }), exceptional: true },
      { name: 'main', model: hanging },
      { name: 'second', model: hanging },
      { name: 'offline', model: offlineTier({ contact }) },
    ],
  })
}

function figures(what: string, times: readonly number[]): Record<string, string> {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2)
  return { what, p50: at(0.5), p99: at(0.99), max: at(1) }
}

async function answered(model: LanguageModelV4, message: string): Promise<number> {
  const begun = performance.now()
  const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: message }] }] })
  let text = ''
  for await (const part of stream) if (part.type === 'text-delta') text += part.delta
  if (!text.includes(contact.phone)) throw new Error('an answer without the phone number')
  return performance.now() - begun
}

/** What a machine that is busy adds to any timer. */
async function timer(): Promise<number> {
  const begun = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 100))
  return performance.now() - begun
}

async function measure(one: (message: string) => Promise<number>): Promise<number[]> {
  const times: number[] = []
  const worker = async (): Promise<void> => {
    while (times.length < CALLS) times.push(await one(MESSAGES[times.length % MESSAGES.length] ?? ''))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return times
}

const begun = performance.now()
const triage = createTriage()
const built = performance.now() - begun
const folder = await mkdtemp(join(tmpdir(), 'holdfast-emergency-'))
const file = await open(join(folder, 'tickets'), 'a')
const onDisk = async (ticket: object): Promise<void> => {
  await file.appendFile(`${JSON.stringify(ticket)}\n`)
  await file.datasync()
}

const [atOnce, kept, hung] = [desk(triage, () => undefined), desk(triage, onDisk), desk(triage, hang)]
const cold = figures('the very first message', [
  await answered(
    desk(triage, () => undefined),
    MESSAGES[0] ?? '',
  ),
])
const rows = [cold]
rows.push(figures('ticket kept at once', await measure((message) => answered(atOnce, message))))
rows.push(figures('ticket on disk', await measure((message) => answered(kept, message))))
rows.push(figures('ticket hangs', await measure((message) => answered(hung, message))))
rows.push(figures('for comparison: a bare timer of 100 ms', await measure(timer)))
await file.close()
await rm(folder, { recursive: true })
console.log(
  `ms to a whole answer, ${CALLS} emergencies, ${AT_ONCE} at once; every other tier and the notification hang`,
)
console.table(rows)

const spent: number[] = []
for (let call = -500; call < 5_000; call += 1) {
  const all = [...MESSAGES, ...ORDINARY]
  const message = all[Math.abs(call) % all.length] ?? ''
  const start = performance.now()
  triage.assess(message)
  if (call >= 0) spent.push(performance.now() - start)
}
console.log(`ms a message for the triage alone; ${built.toFixed(0)} ms to build it`)
console.table([figures('assess', spent)])
