import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { endFailure, incomplete, llmFailure } from './failures.ts'
import { isOutput } from './output.ts'

/** Whose stream it is, and for whom. */
export interface StreamAbout {
  readonly service: string
  readonly servedBy: string
  readonly signal: AbortSignal | undefined
}

/**
 * Turns an error part into ours and ends there: what follows one (a `finish`, say) must not make the answer look whole. An error of the
 * source becomes ours too, since the SDK's holds the prompt, and so does an end without a finish.
 */
export function checkedStream(
  source: ReadableStream<LanguageModelV4StreamPart>,
  { service, servedBy, signal }: StreamAbout,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader()
  let output = false
  let finished = false
  const check = (part: LanguageModelV4StreamPart): LanguageModelV4StreamPart => {
    if (part.type === 'error') return { type: 'error', error: llmFailure(part.error, service, signal) }
    output ||= isOutput(part)
    if (part.type !== 'finish') return part
    finished = true
    const error = endFailure(part.finishReason, output, service)
    if (error !== undefined) return { type: 'error', error }
    return { ...part, providerMetadata: { ...part.providerMetadata, holdfast: { servedBy } } }
  }
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await reader.read()
          if (done && finished) return controller.close()
          const part: LanguageModelV4StreamPart = done ? { type: 'error', error: incomplete(service) } : check(value)
          controller.enqueue(part)
          if (part.type !== 'error') return
          controller.close()
          void reader.cancel().catch(() => undefined)
        } catch (error) {
          controller.error(llmFailure(error, service, signal))
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
