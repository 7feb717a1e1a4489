import type {
  LanguageModelV3,
  LanguageModelV3Prompt,
  LanguageModelV3StreamPart,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { invalid } from '../errors/invalid-options.ts'

type PromptPart = Exclude<LanguageModelV4Prompt[number]['content'], string>[number]

/**
 * Takes a model of the specification's version 3 for one of version 4. The two differ in how files are written, which is
 * translated both ways, and in a few parts that a version 3 model never sends.
 *
 * @param option how the model is called in an error message.
 * @throws HoldfastError INVALID_OPTION for anything but a version 3 or 4 model.
 */
export function asV4(model: LanguageModelV3 | LanguageModelV4, option: string): LanguageModelV4 {
  const version = (model as { specificationVersion?: unknown } | undefined)?.specificationVersion
  if (version === 'v4') return model as LanguageModelV4
  if (version !== 'v3') throw invalid(`${option}.specificationVersion`, '"v4" or "v3"', version)
  const older = model as LanguageModelV3
  return {
    specificationVersion: 'v4',
    provider: older.provider,
    modelId: older.modelId,
    get supportedUrls() {
      return older.supportedUrls
    },
    async doGenerate(options) {
      const result = await older.doGenerate(lowerOptions(options))
      return { ...result, content: result.content.map((part) => raiseFile(part)) }
    },
    async doStream(options) {
      const result = await older.doStream(lowerOptions(options))
      const raise = new TransformStream<LanguageModelV3StreamPart, LanguageModelV4StreamPart>({
        transform: (part, controller) => controller.enqueue(raiseFile(part)),
      })
      return { ...result, stream: result.stream.pipeThrough(raise) }
    },
  }
}

function raiseFile<Part extends { type: string }>(
  part: Part,
): Exclude<Part, { type: 'file' }> & LanguageModelV4Content {
  const lifted =
    part.type === 'file' ? { ...part, data: { type: 'data', data: (part as { data?: unknown }).data } } : part
  return lifted as never
}

function lowerOptions(options: LanguageModelV4CallOptions): Parameters<LanguageModelV3['doStream']>[0] {
  const { reasoning: _, ...rest } = options
  const prompt = options.prompt.map((message) =>
    typeof message.content === 'string' ? message : { ...message, content: message.content.map(lowerPart) },
  )
  return { ...rest, prompt: prompt as LanguageModelV3Prompt }
}

function lowerPart(part: PromptPart): unknown {
  if (part.type === 'file') return { ...part, data: lowerData(part.data) }
  if (part.type === 'tool-result' && part.output.type === 'content') {
    const value = part.output.value.map((item) => {
      if (item.type !== 'file') return item
      const { data, ...rest } = item
      if (data.type === 'url') return { ...rest, type: 'file-url', url: data.url.href }
      if (data.type === 'data') return { ...rest, type: 'file-data', data: base64(data.data) }
      return item
    })
    return { ...part, output: { ...part.output, value } }
  }
  return part
}

function lowerData(data: Extract<PromptPart, { type: 'file' }>['data']): unknown {
  if (data.type === 'data') return data.data
  if (data.type === 'url') return data.url
  return data
}

function base64(data: string | Uint8Array): string {
  if (typeof data === 'string') return data
  let binary = ''
  for (const byte of data) binary += String.fromCharCode(byte)
  return btoa(binary)
}
