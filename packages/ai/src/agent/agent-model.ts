import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { HoldfastError, systemClock } from '@holdfast/core'
import { isStepCount, streamText } from 'ai'
import { incompleteAnswer } from '../errors/failures.ts'
import { between, DAY_MS } from '../errors/invalid-options.ts'
import { reportHeaders } from '../provenance/report.ts'
import { collect } from '../stream-parts/collect.ts'
import { AgentAnswer, servedByOf } from './agent-answer.ts'
import { contextOf } from './context.ts'
import { AGENT_DEFAULTS } from './options.ts'
import type { AgentModelOptions } from './options.ts'
import { messagesOf, settingsOf } from './prompt.ts'
import { Stopper } from './stopper.ts'
import { strict } from './strict.ts'
import { ToolWatch } from './tool-watch.ts'

/**
 * An agent with tools as a language model: it runs the AI SDK's tool loop and lets out the text of the answer, as it comes.
 * Tool calls and their results stay inside; usage is summed over all steps; the report says `servedBy: 'llm:<model>'`.
 * The caller's conversation, system text and sampling settings are passed on, the caller's tools are not (with a warning).
 *
 * Nothing is retried here: guard the model and the tools' clients with integrations. Whatever goes wrong in any step ends
 * the stream with an error, never with a clean finish: an error part, a stream cut short, a finish with reason `error`, the
 * timeout (`AGENT_TIMEOUT`), or no text after the last step (`EMPTY_ANSWER`).
 *
 * A tool that throws is reported to the model, which may correct its input; such an answer is not remembered. When it throws a
 * HoldfastError because its service does not work (a category with `fallback` in `CATEGORY_RULES`) and no other tool has
 * brought anything, the stream ends with that error, so that another tier may answer; so it does when the tool may have taken
 * effect all the same.
 */
export function agentModel(options: AgentModelOptions): LanguageModelV4 {
  between('maxSteps', options.maxSteps ?? AGENT_DEFAULTS.maxSteps, 1, 100)
  between('preambleChars', options.preambleChars ?? AGENT_DEFAULTS.preambleChars, 0, 100_000)
  if (options.timeoutMs !== undefined) between('timeoutMs', options.timeoutMs, 1, DAY_MS)
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'holdfast.agent',
    modelId: options.name,
    supportedUrls: {},
    async doGenerate(call) {
      const { stream } = await model.doStream(call)
      const parts: LanguageModelV4StreamPart[] = []
      for await (const part of stream) parts.push(part)
      const finish = parts.at(-1)
      if (finish?.type !== 'finish') throw incompleteAnswer()
      return collect(parts, finish)
    },
    async doStream(call) {
      call.abortSignal?.throwIfAborted()
      return answer(options, call)
    },
  }
  return Object.freeze(model)
}

function answer(options: AgentModelOptions, call: LanguageModelV4CallOptions): LanguageModelV4StreamResult {
  const tracked = contextOf(call)
  const { context } = tracked
  const maxSteps = options.maxSteps ?? AGENT_DEFAULTS.maxSteps
  const tools = typeof options.tools === 'function' ? options.tools(context) : options.tools
  const instructions = typeof options.instructions === 'function' ? options.instructions(context) : options.instructions
  const stopper = new Stopper(call.abortSignal)
  const watch = new ToolWatch(tracked.tookEffect)
  if (options.timeoutMs !== undefined) {
    stopper.after(options.clock ?? systemClock, options.timeoutMs, () => agentTimeout(options))
  }
  const { stream } = streamText({
    ...settingsOf(call),
    model: strict(options.model),
    instructions,
    messages: messagesOf(call.prompt),
    // The conversation comes from our own caller, whose system text is as good as ours.
    allowSystemInMessages: true,
    tools: watch.watched(tools),
    stopWhen: [isStepCount(maxSteps), () => watch.failure !== undefined],
    prepareStep: ({ stepNumber }) => (stepNumber === maxSteps - 1 ? { toolChoice: 'none' as const } : undefined),
    maxRetries: 0,
    abortSignal: stopper.signal,
    ...(call.providerOptions === undefined ? {} : { providerOptions: call.providerOptions }),
    // The default prints to the console; errors are in the stream, where they are handled.
    onError: () => undefined,
  })
  const source = new AgentAnswer(options, call, tracked, stopper, watch, stream[Symbol.asyncIterator]())
  return {
    stream: new ReadableStream(source, { highWaterMark: 0 }),
    response: { headers: reportHeaders({ servedBy: servedByOf(options) }) },
  }
}

function agentTimeout({ name, timeoutMs }: AgentModelOptions): HoldfastError {
  return new HoldfastError({
    code: 'AGENT_TIMEOUT',
    category: 'timeout',
    message: `Agent "${name}" did not finish within ${timeoutMs} ms.`,
    retryable: true,
  })
}
