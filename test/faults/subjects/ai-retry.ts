import { experimental_retryableGenerateText as retryableGenerateText } from 'ai-retry/generate-text'
import { experimental_retryableStreamText as retryableStreamText } from 'ai-retry/stream-text'
import { askAiSdk, type Calls } from '../ai-sdk.ts'
import { FIRST_OUTPUT_MS, IDLE_MS } from '../cases.ts'
import type { Subject } from '../subject.ts'
import { directly } from './providers.ts'

/** By its calls in place of the AI SDK's, since only they get over a time limit of a stream. */
export const aiRetry: Subject = {
  name: 'ai-retry',
  version: '2.4.0',
  pair(first, second) {
    const retry = [directly(second)]
    const model = directly(first)
    const limits = { firstChunkMs: FIRST_OUTPUT_MS, chunkMs: IDLE_MS }
    const calls: Calls = {
      generateText: (asked) =>
        retryableGenerateText({ ...asked, timeout: { totalMs: FIRST_OUTPUT_MS }, retry } as never),
      streamText: (asked) =>
        retryableStreamText({ ...asked, timeout: limits, retry, onError: () => undefined } as never) as never,
    }
    return { ask: (mode, signal) => askAiSdk(model, mode, signal, undefined, calls) }
  },
}
