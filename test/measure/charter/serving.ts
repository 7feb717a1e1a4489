import { isHarmless, planOf } from '@holdfast/assistant-charter/report'
import type { Plan, Question } from '@holdfast/assistant-charter/report'
import { ask } from '../../harness/ask.ts'
import type { Answer } from '../../harness/ask.ts'
import type { Desk, ReceivedRequest, Service } from '../../harness/desk.ts'
import { inParallel } from '../statistics.ts'
import { calledByModel, decided, seenAtApis, writesIn } from './seen.ts'

/** Which tier is made to serve, by what is switched off. */
export interface Phase {
  readonly name: 'offline' | 'rules' | 'agent' | 'n8n' | 'stale'
  readonly down: readonly Service[]
}

/** In this order on one desk: nothing is remembered for the first, and the last remembers what n8n has said. */
export const PHASES: readonly Phase[] = [
  { name: 'offline', down: ['n8n', 'llm', 'apollo', 'avinode'] },
  { name: 'rules', down: ['n8n', 'llm'] },
  { name: 'agent', down: ['n8n'] },
  { name: 'n8n', down: [] },
  { name: 'stale', down: ['n8n', 'llm', 'apollo', 'avinode'] },
]

/** What came of one question in one phase. */
export interface Outcome {
  readonly question: Question
  readonly served: string
  /** What went wrong on the way, in words. */
  readonly problems: readonly string[]
}

const WIDTH = 8
/** The sandbox keeps the bodies of its newest 500 requests. */
const BATCH = 40

interface Asked {
  readonly question: Question
  readonly plan: Plan
  readonly answer: Answer
}

/**
 * API keys for the desk, as `HOLDFAST_API_KEYS` takes them: a tenant for each phase, because the same request for quotes is sent
 * only once for a tenant. What is remembered is asked for by the tenant that asked n8n.
 */
export function tenantKeys(): string {
  return PHASES.map((phase) => `${tenantOf(phase)}:${keyOf(phase)}`)
    .filter((key, index, all) => all.indexOf(key) === index)
    .join(',')
}

function tenantOf(phase: Phase): string {
  return phase.name === 'stale' ? 'n8n' : phase.name
}

function keyOf(phase: Phase): string {
  return `key-of-the-tenant-${tenantOf(phase)}`
}

/** Asks every question in one phase and checks what came back and what the stand-ins received. */
export async function runPhase(
  desk: Desk,
  phase: Phase,
  questions: readonly Question[],
  n8nAnswers: Map<string, string>,
): Promise<Outcome[]> {
  await desk.clearFaults()
  for (const service of phase.down) await desk.fault(service, 'down')
  await desk.resetCircuits()
  const outcomes: Outcome[] = []
  for (let at = 0; at < questions.length; at += BATCH) {
    const batch = questions.slice(at, at + BATCH)
    await desk.forgetRequests()
    const asked = await inParallel(batch.length, WIDTH, async (index): Promise<Asked> => {
      const question = batch[index]!
      const headers = { authorization: `Bearer ${keyOf(phase)}` }
      const answer = await ask(desk, messagesOf(question), { stream: index % 2 === 1, headers })
      return { question, plan: planOf(question), answer }
    })
    const requests = await desk.requestsWithBodies()
    for (const one of asked) {
      const problems = [
        ...answerProblems(one),
        ...provenanceProblems(one, phase),
        ...(await deedProblems(desk, one, phase, requests, n8nAnswers)),
      ]
      outcomes.push({
        question: one.question,
        served: [...new Set([one.answer.tier, one.answer.servedBy])].join(' / '),
        problems,
      })
    }
  }
  return outcomes
}

/** The conversation, and what a caller who knows the customer's clock says about it. */
function messagesOf({ now, timeZone, messages }: Question): Parameters<typeof ask>[1] {
  return [{ role: 'system', content: `Date: ${now}\nTime zone: ${timeZone}` }, ...messages]
}

function answerProblems({ answer }: Asked): string[] {
  const problems: string[] = []
  if (answer.status !== 200) problems.push(`status ${answer.status}`)
  if (answer.error !== undefined) problems.push('an error in the body')
  if (answer.finishReason !== 'stop') problems.push(`finish_reason ${answer.finishReason}`)
  if (answer.text.trim() === '') problems.push('no text')
  if (isDoubled(answer.text)) problems.push('the text is there twice')
  return problems
}

/** Whether a text holds itself twice: its beginning comes again. */
function isDoubled(text: string): boolean {
  const whole = text.trim()
  const beginning = whole.slice(0, Math.min(40, Math.floor(whole.length / 2)))
  return beginning !== '' && whole.includes(beginning, 1)
}

/** Which tier has to serve. What needs no API is answered by the rules even when nothing can be reached. */
function expectedTier({ question, plan }: Asked, phase: Phase): { tier: string; servedBy: RegExp } {
  const byRules = { tier: 'direct', servedBy: /^rules$/ }
  switch (phase.name) {
    case 'n8n':
      return { tier: 'n8n', servedBy: /^n8n/ }
    case 'agent':
      return { tier: 'direct', servedBy: /^llm:/ }
    case 'rules':
      return byRules
    case 'stale':
      if (plan.kind !== 'call') return byRules
      return isHarmless(question) ? { tier: 'stale', servedBy: /./ } : { tier: 'offline', servedBy: /^offline$/ }
    case 'offline':
      return plan.kind === 'call' ? { tier: 'offline', servedBy: /^offline$/ } : byRules
  }
}

function provenanceProblems(asked: Asked, phase: Phase): string[] {
  const { answer } = asked
  const { tier, servedBy } = expectedTier(asked, phase)
  const problems: string[] = []
  if (answer.tier !== tier || !servedBy.test(answer.servedBy ?? '')) {
    problems.push(`served by ${answer.tier} / ${answer.servedBy}, not ${tier}`)
  }
  const { provenance } = answer
  if (provenance?.tier !== answer.tier || provenance?.servedBy !== answer.servedBy) {
    problems.push('headers and body tell different origins')
  }
  if ((answer.tier === 'stale') !== (answer.ageMs !== null)) problems.push(`age ${answer.ageMs}`)
  return problems
}

async function deedProblems(
  desk: Desk,
  asked: Asked,
  phase: Phase,
  requests: readonly ReceivedRequest[],
  n8nAnswers: Map<string, string>,
): Promise<string[]> {
  const { question, plan, answer } = asked
  const requestId = answer.headers.get('x-holdfast-request-id')
  const own = requests.filter((request) => request.requestId === requestId)
  const atApis = own.filter(({ service }) => service === 'apollo' || service === 'avinode')
  if (phase.name === 'n8n') return n8nProblems(desk, asked, own, n8nAnswers)
  if (phase.name === 'stale' && answer.tier === 'stale') {
    const before = n8nAnswers.get(question.id) ?? ''
    return before !== '' && answer.text.includes(before) ? [] : ['not the answer that was given before']
  }
  if (phase.down.includes('apollo')) return own.length === 0 ? [] : ['a service that is down received a request']
  if (plan.kind !== 'call') return atApis.length === 0 ? [] : ['an API was called']
  const wanted = decided(plan, 'at-the-api')
  const seen = seenAtApis(atApis, plan.tool)
  const problems = sameDeed(wanted, seen, 'the API received')
  const writes = writesIn(atApis)
  if (plan.tool === 'request_quote' && writes !== 1) problems.push(`${writes} requests for quotes were sent`)
  if (plan.tool !== 'request_quote' && writes > (plan.tool === 'add_to_sequence' ? 1 : 0)) {
    problems.push(`${writes} writes`)
  }
  if (phase.name === 'agent') {
    const last = JSON.stringify(question.messages.at(-1)?.content)
    const toModel = requests.filter(({ service, body }) => service === 'llm' && body?.includes(last) === true)
    problems.push(...sameDeed(decided(plan, 'at-the-model'), calledByModel(toModel), 'the model called'))
  }
  return problems
}

function sameDeed(wanted: { tool: string; input: string }, seen: readonly (typeof wanted)[], who: string): string[] {
  const [first] = seen
  if (first === undefined) return [`${who} nothing`]
  if (seen.length > 1) return [`${who} ${seen.map(({ tool }) => tool).join(', ')}`]
  if (first.tool !== wanted.tool) return [`${who} ${first.tool}, not ${wanted.tool}`]
  return first.input === wanted.input ? [] : [`${who} other arguments for ${wanted.tool}`]
}

/** n8n decides for itself what to do. It must get the whole conversation once, and its answer must arrive as it was. */
async function n8nProblems(
  desk: Desk,
  { question, answer }: Asked,
  own: readonly ReceivedRequest[],
  n8nAnswers: Map<string, string>,
): Promise<string[]> {
  const [request] = own
  if (request === undefined || own.length > 1) return [`${own.length} requests`]
  const body = JSON.parse(request.body ?? '{}') as { chatInput?: string; messages?: unknown }
  const problems: string[] = []
  if (body.chatInput !== question.messages.at(-1)?.content) problems.push('n8n got another question')
  if (JSON.stringify(body.messages) !== JSON.stringify(messagesOf(question))) {
    problems.push('n8n did not get the whole conversation')
  }
  const given = await askN8n(desk, request.body ?? '')
  if (withoutNumbers(given) !== withoutNumbers(answer.text)) problems.push('not the answer that n8n gave')
  n8nAnswers.set(question.id, answer.text)
  return problems
}

async function askN8n(desk: Desk, body: string): Promise<string> {
  const url = new URL(desk.sandboxUrl)
  url.port = String(Number(url.port) + 1)
  const headers = { 'content-type': 'application/json', 'x-api-key': 'sandbox-key' }
  const response = await fetch(new URL('/webhook/charter-desk', url), { method: 'POST', headers, body })
  return ((await response.json()) as { output: string }).output
}

/** A request for quotes gets a new number each time. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/arfq-\d+/g, 'arfq')
}
