import { failover } from '@holdfast/ai'
import { askAiSdk } from '../ai-sdk.ts'
import { FIRST_OUTPUT_MS, IDLE_MS } from '../cases.ts'
import type { Endpoint, Subject } from '../subject.ts'
import { directly } from './providers.ts'

export function failoverOf(first: Endpoint, second: Endpoint): ReturnType<typeof failover> {
  return failover([directly(first), directly(second)], {
    firstOutputTimeoutMs: FIRST_OUTPUT_MS,
    idleTimeoutMs: IDLE_MS,
  })
}

export const holdfast: Subject = {
  name: 'Holdfast',
  version: 'this',
  pair(first, second) {
    const model = failoverOf(first, second)
    return { ask: (mode, signal) => askAiSdk(model, mode, signal) }
  },
}
