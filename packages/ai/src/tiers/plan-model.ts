import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { noteInside } from '../failover/layers.ts'
import { collect } from '../stream-parts/collect.ts'
import { AnswerRequest } from './answer-request.ts'
import { deliver } from './delivery.ts'
import type { Attempt } from './attempt.ts'
import type { Plan } from './plan.ts'
import { select } from './selection.ts'
import { Serving } from './serving.ts'

/** The language model that follows a plan. */
export function planModel(plan: Plan): LanguageModelV4 {
  let supportedUrls: Promise<Record<string, RegExp[]>> | undefined
  const model: LanguageModelV4 = Object.freeze({
    specificationVersion: 'v4' as const,
    provider: 'holdfast',
    modelId: plan.name,
    get supportedUrls(): Promise<Record<string, RegExp[]>> {
      supportedUrls ??= commonUrls(plan)
      return supportedUrls
    },
    doGenerate: (callOptions: LanguageModelV4CallOptions) =>
      select(() => new AnswerRequest(plan, callOptions, true), wholeOf),
    doStream: (callOptions: LanguageModelV4CallOptions) =>
      select(() => new AnswerRequest(plan, callOptions, false), streamOf),
  })
  noteInside(
    model,
    plan.tiers.map((tier) => tier.model),
  )
  return model
}

function streamOf(request: AnswerRequest, attempt: Attempt): LanguageModelV4StreamResult {
  const serving = new Serving(request, attempt)
  request.options.abortSignal?.throwIfAborted()
  const { request: sent } = attempt.result
  const headers = serving.headers()
  const stream = deliver(request, attempt, serving)
  return sent === undefined ? { response: { headers }, stream } : { request: sent, response: { headers }, stream }
}

function wholeOf(request: AnswerRequest, attempt: Attempt): LanguageModelV4GenerateResult {
  const serving = new Serving(request, attempt)
  request.options.abortSignal?.throwIfAborted()
  for (const part of attempt.held) serving.note(part)
  const headers = serving.headers()
  const result = collect(attempt.held, serving.end(attempt.finish!))
  return {
    ...result,
    ...(attempt.result.request === undefined ? {} : { request: attempt.result.request }),
    response: { ...result.response, headers },
  }
}

/** A file may stay a URL only if every tier can fetch it. */
async function commonUrls(plan: Plan): Promise<Record<string, RegExp[]>> {
  const [first = {}, ...others] = await Promise.all(plan.tiers.map((tier) => urlsOf(tier.model)))
  const common: Record<string, RegExp[]> = {}
  for (const [mediaType, patterns] of Object.entries(first)) {
    const shared = patterns.filter((pattern) =>
      others.every((other) => other[mediaType]?.some((candidate) => String(candidate) === String(pattern))),
    )
    if (shared.length > 0) common[mediaType] = shared
  }
  return common
}

/** A model that cannot say what it fetches fetches nothing; the other tiers must not suffer from it. */
async function urlsOf(model: LanguageModelV4): Promise<Record<string, RegExp[]>> {
  try {
    return await model.supportedUrls
  } catch {
    return {}
  }
}
