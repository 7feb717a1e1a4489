import { failover } from '@holdfast/ai'
import { askAiSdk } from '../ai-sdk.ts'
import { FIRST_OUTPUT_MS, IDLE_MS } from '../cases.ts'
import type { Endpoint, Subject } from '../subject.ts'
import { anthropicDirectly, directly } from './providers.ts'

const LIMITS = { firstOutputTimeoutMs: FIRST_OUTPUT_MS, idleTimeoutMs: IDLE_MS }

export function failoverOf(first: Endpoint, second: Endpoint): ReturnType<typeof failover> {
  return failover([directly(first), directly(second)], LIMITS)
}

/** From one vendor to another. */
export const acrossVendors: Subject = {
  name: 'Holdfast, Anthropic first',
  version: 'this',
  service: 'anthropic',
  pair(first, second) {
    const model = failover([anthropicDirectly({ ...first, model: 'claude-sonnet-4-5' }), directly(second)], LIMITS)
    const whose = ({ modelId }: { readonly modelId: string }): string =>
      modelId.startsWith('claude') ? first.model : modelId
    return { ask: (mode, signal) => askAiSdk(model, mode, signal, whose) }
  },
}

export const holdfast: Subject = {
  name: 'Holdfast',
  version: 'this',
  pair(first, second) {
    const model = failoverOf(first, second)
    return { ask: (mode, signal) => askAiSdk(model, mode, signal) }
  },
}

/** The same with `onMidStream`, for readers who forget what they have read when they are told that the answer begins anew. */
export const goingOn: Subject = {
  name: 'Holdfast, going on',
  version: 'this',
  goesOn: true,
  pair(first, second) {
    const model = failover([directly(first), directly(second)], { ...LIMITS, onMidStream: 'continue-or-restart' })
    return { ask: (mode, signal) => askAiSdk(model, mode, signal) }
  },
}
