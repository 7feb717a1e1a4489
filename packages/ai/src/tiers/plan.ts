import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { systemClock } from '@holdfast/core'
import type { Clock, Events } from '@holdfast/core'
import { between, invalid } from '../errors/invalid-options.ts'
import type { AiEvent } from '../events/events.ts'
import type { AnswerMemory } from '../memory/answer-memory.ts'
import { asV4 } from './lift.ts'
import { TIER_LIST_DEFAULTS } from './options.ts'
import type { Tier, TierListOptions } from './options.ts'

/** A tier with its defaults filled in. */
export interface PlannedTier {
  readonly name: string
  readonly model: LanguageModelV4
  readonly timeoutMs: number | undefined
  readonly hedgeAfterMs: number | undefined
  /** 0 for a tier that is no last resort. */
  readonly lastResortAfterMs: number
  readonly commit: 'first-output' | 'complete'
  readonly remember: boolean
  /** Whether its answers are less than what the assistant usually gives. */
  readonly degraded: boolean
  readonly last: boolean
  isSafeToRepeat(options: LanguageModelV4CallOptions): boolean
}

/** The list as it was built; shared by all requests and never changed. */
export interface Plan {
  readonly name: string
  readonly tiers: readonly PlannedTier[]
  readonly deadlineMs: number
  readonly idleTimeoutMs: number
  readonly maxHeldBytes: number
  readonly memory: AnswerMemory | undefined
  readonly events: Events<AiEvent> | undefined
  readonly clock: Clock
}

const day = 86_400_000
const name = /^[a-z0-9-]{1,64}$/

/** Checks the options and fills in the defaults. @throws HoldfastError INVALID_OPTION. */
export function planOf(options: TierListOptions): Plan {
  if (!name.test(options.name)) throw invalid('name', '1 to 64 lower-case letters, digits and "-"', options.name)
  if (!Array.isArray(options.tiers) || options.tiers.length === 0) {
    throw invalid('tiers', 'at least one tier', options.tiers)
  }
  const seen = new Set<string>()
  const usual = options.tiers.findIndex(({ exceptional }) => exceptional !== true)
  const tiers = options.tiers.map((tier, index) => {
    const planned = planTier(tier, index, options.tiers.length, usual)
    if (seen.has(planned.name)) throw invalid(`tiers[${index}].name`, 'a name that no other tier has', planned.name)
    seen.add(planned.name)
    return planned
  })
  return Object.freeze({
    name: options.name,
    tiers: Object.freeze(tiers),
    deadlineMs: between('deadlineMs', options.deadlineMs ?? TIER_LIST_DEFAULTS.deadlineMs, 1, day),
    idleTimeoutMs: between('idleTimeoutMs', options.idleTimeoutMs ?? TIER_LIST_DEFAULTS.idleTimeoutMs, 1, day),
    maxHeldBytes: between('maxHeldBytes', options.maxHeldBytes ?? TIER_LIST_DEFAULTS.maxHeldBytes, 1024, 1_073_741_824),
    memory: options.memory,
    events: options.events,
    clock: options.clock ?? systemClock,
  })
}

function planTier(tier: Tier, index: number, count: number, usual: number): PlannedTier {
  const at = `tiers[${index}]`
  if (!name.test(tier.name)) throw invalid(`${at}.name`, '1 to 64 lower-case letters, digits and "-"', tier.name)
  const commit = tier.commit ?? TIER_LIST_DEFAULTS.commit
  if (commit !== 'first-output' && commit !== 'complete') {
    throw invalid(`${at}.commit`, '"first-output" or "complete"', commit)
  }
  const safe = tier.safeToRepeat ?? false
  return Object.freeze({
    name: tier.name,
    model: asV4(tier.model, `${at}.model`),
    timeoutMs: tier.timeoutMs === undefined ? undefined : between(`${at}.timeoutMs`, tier.timeoutMs, 1, day),
    hedgeAfterMs:
      tier.hedgeAfterMs === undefined ? undefined : between(`${at}.hedgeAfterMs`, tier.hedgeAfterMs, 0, day),
    lastResortAfterMs: between(`${at}.lastResortAfterMs`, tier.lastResortAfterMs ?? 0, 0, day),
    commit,
    remember: tier.remember ?? true,
    degraded: tier.exceptional !== true && index !== usual,
    last: index === count - 1,
    isSafeToRepeat: (options: LanguageModelV4CallOptions): boolean => {
      if (typeof safe === 'boolean') return safe
      try {
        return safe(options)
      } catch {
        return false
      }
    },
  })
}
