import type { LanguageModelV4 } from '@ai-sdk/provider'
import { checkName, invalid, wholeFrom } from '../mcp/shared/invalid.ts'
import type { Workflow, Workflows } from '../workflows/index.ts'

/** What somebody is responsible for. */
export interface Responsibility<Request = unknown> {
  /** What it is good for, in words: the model goes by them. */
  readonly description: string
  /** Whether a request is surely for it. The first in their order gets it, and no model is asked. Default: no rule. */
  readonly when?: ((request: Request) => boolean) | undefined
}

/** Somebody who does one kind of thing. */
export interface Specialist<Request = unknown> extends Responsibility<Request> {
  readonly workflow: Workflow<never>
  /** What the workflow is given. Default: the request. */
  readonly input?: ((request: Request) => unknown) | undefined
}

/** A workflow that an event starts. */
export interface EventTrigger {
  /** The name of the event. */
  readonly event: string
  readonly workflow: Workflow<never>
  /** Default: every one. */
  readonly when?: ((payload: unknown) => boolean) | undefined
  /** What the workflow is given. Default: the payload. */
  readonly input?: ((payload: unknown) => unknown) | undefined
}

/** How requests find who does them. */
export interface OrchestratorOptions<Request = unknown> {
  readonly workflows: Pick<Workflows, 'start'>
  /** By their names: 1 to 60 lower-case letters, digits and `-`. 1 to 100; with `triggers`, none will do. */
  readonly specialists: Readonly<Record<string, Specialist<Request>>>
  /** Decides where no rule does. Default: none. */
  readonly model?: LanguageModelV4 | undefined
  /** Gets what neither a rule nor the model could place, or while the model is away. Default: none, such a request is refused. */
  readonly fallback?: string | undefined
  /** Below it the choice of the model does not count, 0 to 1. Default: 0.5. */
  readonly minConfidence?: number | undefined
  /** For the model, in ms. 1 to 300,000. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** Of a request the model is shown so much, in characters of JSON. 100 to 1,000,000. Default: 8,000. */
  readonly maxRequestChars?: number | undefined
  /** Workflows that events start. Default: none. */
  readonly triggers?: readonly EventTrigger[] | undefined
}

/** The same where nothing is started: {@link Responsibility} by their names. */
export interface RouterOptions<Request = unknown> extends Omit<
  OrchestratorOptions<Request>,
  'workflows' | 'specialists' | 'triggers'
> {
  /** 1 to 100. */
  readonly specialists: Readonly<Record<string, Responsibility<Request>>>
}

/** What {@link OrchestratorOptions} fall back to. */
export const ORCHESTRATOR_DEFAULTS: Readonly<{ minConfidence: number; timeoutMs: number; maxRequestChars: number }> =
  Object.freeze({ minConfidence: 0.5, timeoutMs: 10_000, maxRequestChars: 8_000 })

/** @throws HoldfastError `INVALID_OPTION` */
export function checkOrchestrator({ specialists, triggers = [] }: OrchestratorOptions<never>): void {
  if (!Array.isArray(triggers)) throw invalid('triggers', 'a list', triggers)
  if (Object.keys(specialists).length === 0 && triggers.length === 0)
    throw invalid('specialists', 'an object with 1 to 100 of them', 0)
}

/** @throws HoldfastError `INVALID_OPTION` */
export function routerSettings(
  options: RouterOptions<never>,
): Readonly<{ minConfidence: number; timeoutMs: number; maxRequestChars: number }> {
  const { specialists, fallback, minConfidence = ORCHESTRATOR_DEFAULTS.minConfidence } = options
  const names = Object.keys(specialists)
  if (names.length > 100) throw invalid('specialists', 'an object with 1 to 100 of them', names.length)
  for (const name of names) checkName('specialists', name)
  if (fallback !== undefined && !names.includes(fallback))
    throw invalid('fallback', `one of ${names.join(', ')}`, fallback)
  if (!(minConfidence >= 0 && minConfidence <= 1)) throw invalid('minConfidence', 'a number from 0 to 1', minConfidence)
  return {
    minConfidence,
    timeoutMs: wholeFrom('timeoutMs', options.timeoutMs ?? ORCHESTRATOR_DEFAULTS.timeoutMs, 1, 300_000),
    maxRequestChars: wholeFrom(
      'maxRequestChars',
      options.maxRequestChars ?? ORCHESTRATOR_DEFAULTS.maxRequestChars,
      100,
      1_000_000,
    ),
  }
}
