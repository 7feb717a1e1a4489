import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { defineAssistant, guarded, offlineTier, staleTier, tierList } from '@holdfast/ai'
import type { AssistantDefinition, AssistantRuntime, FailoverModel, ServiceAddress } from '@holdfast/ai'
import { agentModel } from '@holdfast/ai/agent'
import { createApollo } from '@holdfast/connectors/apollo'
import { createAvinode } from '@holdfast/connectors/avinode'
import { n8nModel } from '@holdfast/connectors/n8n'
import { HoldfastError } from '@holdfast/core'
import { conversationReader, isTimeZone } from './conversation.ts'
import type { ConversationReader } from './conversation.ts'
import { instructions } from './instructions.ts'
import { languageModelOf } from './language-model.ts'
import { charterMemory } from './memory.ts'
import { deskTroubles, offlineAnswer, staleNotice } from './offline.ts'
import { phrasesOf } from './rules/phrases/index.ts'
import { asksForWrite } from './rules/plan.ts'
import { requestIdOf } from './rules/replies.ts'
import { rulesModel } from './rules/rules-model.ts'
import { charterTools } from './tools/charter-tools.ts'
import { createDeeds } from './tools/deeds.ts'
import type { Deeds } from './tools/deeds.ts'
import type { CharterApis } from './tools/run-tool.ts'
import { CHARTER_TIMES } from './times.ts'
import { unlessSent } from './unless-sent.ts'
import { warmUp } from './warm-up.ts'
import { withNotice } from './with-notice.ts'

/** What a charter desk may be told. */
export interface CharterOptions {
  /** The name callers use as `model`. Default: `charter`. */
  readonly name?: string
  /**
   * IANA name of the zone in which "tomorrow" is meant, unless a system message says another (`Time zone: Europe/Rome`).
   * Default: `America/New_York`.
   */
  readonly timeZone?: string
  /**
   * Names of the configured language models that the tier `direct` asks, in this order: the next one when one fails, or beside it when it is silent for 3 s. Default:
   * the service `llm` alone.
   */
  readonly models?: readonly string[]
  /**
   * Wall time in ms since the Unix epoch, for reading dates, unless a system message says another (`Date: 2026-11-23T15:00:00Z`).
   * Default: the runtime's clock.
   */
  readonly wallTime?: () => number
}

const EXAMPLES = [
  'Teterboro to Miami on Friday for 4',
  'Volo da Milano a Nizza domani per 6 persone',
  'Find executive assistants at tech companies in Boston',
  'Show me heavy jets based at Van Nuys',
] as const

/** With models of its own, the desk does not need the service `llm`. */
function integrationsOf({ models }: CharterOptions): readonly string[] {
  return ['n8n', ...(models === undefined ? ['llm'] : []), 'apollo', 'avinode']
}

/**
 * The charter desk: a private-jet assistant in four tiers.
 *
 * 1. `n8n`: the workflow. It commits when whole; a question that changes nothing is put to the next tier too after 1.5 s.
 * 2. `direct`: a language model with the Apollo and Avinode tools (`agent`), and without one the rules (`rules`).
 * 3. `stale`: what was answered before to the same question.
 * 4. `offline`: what is down, and how to reach a person.
 *
 * @throws HoldfastError INVALID_OPTION when `timeZone` is not the name of a zone, or `models` is empty.
 */
export function charterAssistant(options: CharterOptions = {}): AssistantDefinition {
  if (options.timeZone !== undefined && !isTimeZone(options.timeZone)) throw invalidTimeZone(options.timeZone)
  if (options.models?.length === 0) throw invalidModels()
  return defineAssistant({
    name: options.name ?? 'charter',
    title: 'Charter desk',
    description: 'Finds private aircraft, asks operators for quotes, and finds people to contact.',
    integrations: integrationsOf(options),
    ...(options.models === undefined ? {} : { models: options.models }),
    examples: EXAMPLES,
    build: (runtime) => buildCharter(runtime, options),
    warmUp: () => warmUp(EXAMPLES),
  })
}

function buildCharter(runtime: AssistantRuntime, options: CharterOptions): LanguageModelV4 {
  const name = options.name ?? 'charter'
  const { clock, events } = runtime
  const wallTime = options.wallTime ?? ((): number => clock.wallTime())
  const conversations = conversationReader({ timeZone: options.timeZone ?? 'America/New_York', wallTime })
  const language = (call: LanguageModelV4CallOptions): string => conversations.read(call).language
  const memory = charterMemory(runtime.memory, conversations)
  const integrations = integrationsOf(options).map((dependency) => runtime.integration(dependency))
  const models = options.models?.map((model) => runtime.model(model))
  return tierList({
    name,
    deadlineMs: CHARTER_TIMES.deadlineMs,
    memory,
    events,
    clock,
    tiers: [
      {
        name: 'n8n',
        model: workflow(runtime),
        commit: 'complete',
        timeoutMs: CHARTER_TIMES.n8nMs,
        hedgeAfterMs: CHARTER_TIMES.hedgeAfterMs,
        safeToRepeat: (call) => conversations.isHarmless(call),
      },
      { name: 'direct', model: direct(runtime, conversations, models), timeoutMs: CHARTER_TIMES.directMs },
      {
        name: 'stale',
        model: staleTier({ memory, assistant: name, notice: (answer, call) => staleNotice(answer, language(call)) }),
        remember: false,
        lastResortAfterMs: CHARTER_TIMES.staleAfterMs,
      },
      {
        name: 'offline',
        model: offlineTier({
          contact: runtime.contact,
          troubles: () => deskTroubles(integrations, models),
          text: (facts, call) => offlineAnswer(facts, language(call)),
          clock,
        }),
        remember: false,
        lastResortAfterMs: CHARTER_TIMES.offlineAfterMs,
      },
    ],
  })
}

function workflow(runtime: AssistantRuntime): LanguageModelV4 {
  const { url, credentials, settings } = runtime.service('n8n')
  const { apiKey } = credentials
  const { authHeader } = settings
  const model = n8nModel({
    webhookUrl: url,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(authHeader === undefined ? {} : { authHeader }),
  })
  return guarded(model, runtime.integration('n8n'))
}

/** The desk without its workflow: a language model with tools, and the rules when that is down or slow. */
function direct(
  runtime: AssistantRuntime,
  conversations: ConversationReader,
  models: readonly FailoverModel[] | undefined,
): LanguageModelV4 {
  const { clock, contact } = runtime
  const apis = clients(runtime)
  const deeds = createDeeds(clock, { areKept: runtime.writeMemory !== undefined })
  const agent = agentModel({
    name: 'charter-agent',
    model: languageModelOf(runtime, models),
    tools: (context) => charterTools(apis, context, { writes: mayWrite(context, conversations), deeds }),
    instructions: (context) =>
      instructions({
        now: conversations.now(context.options),
        timeZone: conversations.timeZone(context.options),
        writes: mayWrite(context, conversations),
        contact,
      }),
    clock,
  })
  return tierList({
    name: 'direct',
    deadlineMs: CHARTER_TIMES.directMs,
    clock,
    tiers: [
      {
        name: 'agent',
        model: unlessSent(
          withNotice(agent, (call) => closingWords(call, conversations, deeds)),
          (call) => asksForWrite(conversations.read(call)),
        ),
        timeoutMs: CHARTER_TIMES.agentMs,
        hedgeAfterMs: CHARTER_TIMES.agentHedgeAfterMs,
        safeToRepeat: (call) => conversations.isHarmless(call),
      },
      { name: 'rules', model: rulesModel({ apis, conversations, deeds, contact }), timeoutMs: CHARTER_TIMES.rulesMs },
    ],
  })
}

/** What follows the model's own words: what was not done again, and by which way the answer came. */
function closingWords(call: LanguageModelV4CallOptions, conversations: ConversationReader, deeds: Deeds): string {
  const phrases = phrasesOf(conversations.read(call).language)
  const before = deeds.repeated(call)
  const notice = `_${phrases.directNotice}_`
  return before === undefined ? notice : `${phrases.alreadySent(requestIdOf(before))}\n\n${notice}`
}

/** The model gets no tools that write when one may have been used already, nor when the message looks like misuse. */
function mayWrite(
  context: { readonly mayHaveTakenEffect: boolean; readonly options: LanguageModelV4CallOptions },
  conversations: ConversationReader,
): boolean {
  return !context.mayHaveTakenEffect && conversations.read(context.options).intent !== 'misuse'
}

function invalidTimeZone(zone: unknown): HoldfastError {
  const came = typeof zone === 'string' ? JSON.stringify(zone.slice(0, 80)) : String(zone)
  return invalid(`timeZone must be the IANA name of a time zone, such as "America/New_York"; it is ${came}.`)
}

function invalidModels(): HoldfastError {
  return invalid('models must be names of configured language models, at least one; it is an empty list.')
}

function invalid(message: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

function clients(runtime: AssistantRuntime): CharterApis {
  const apollo = runtime.service('apollo')
  const avinode: ServiceAddress = runtime.service('avinode')
  const { accessToken } = avinode.credentials
  const { product } = avinode.settings
  return {
    apollo: createApollo({
      apiKey: apollo.credentials['apiKey'] ?? '',
      baseUrl: apollo.url,
      integration: runtime.integration('apollo'),
      writeMemory: runtime.writeMemory?.('apollo'),
    }),
    avinode: createAvinode({
      apiToken: avinode.credentials['apiKey'] ?? '',
      baseUrl: avinode.url,
      integration: runtime.integration('avinode'),
      clock: runtime.clock,
      writeMemory: runtime.writeMemory?.('avinode'),
      ...(accessToken === undefined ? {} : { accessToken }),
      ...(product === undefined ? {} : { product }),
    }),
  }
}
