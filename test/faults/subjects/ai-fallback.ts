import { createFallback } from 'ai-fallback'
import { askAiSdk } from '../ai-sdk.ts'
import type { Subject } from '../subject.ts'
import { directly } from './providers.ts'

/** It has no time limits. With its default, `retryAfterOutput: true`, it goes on after words that were shown. */
export const aiFallback: Subject = {
  name: 'ai-fallback',
  version: '3.0.0',
  pair(first, second) {
    const model = createFallback({ models: [directly(first), directly(second)] })
    return { ask: (mode, signal) => askAiSdk(model, mode, signal) }
  },
}
