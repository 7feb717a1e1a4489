import type { LanguageModelV4Content, LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider'

type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>
type Metadata = LanguageModelV4GenerateResult['providerMetadata']

/**
 * Puts the parts of a whole stream together to what `doGenerate` returns. Blocks come in the order in which they began.
 *
 * @param parts the stream's parts, up to its finish.
 */
export function collect(parts: readonly LanguageModelV4StreamPart[], finish: Finish): LanguageModelV4GenerateResult {
  const content: LanguageModelV4Content[] = []
  const blocks = new Map<string, Block>()
  const warnings: LanguageModelV4GenerateResult['warnings'] = []
  let response: LanguageModelV4GenerateResult['response']

  // Most parts go on with the block of the part before.
  let latest: Block | undefined
  let latestId: string | undefined

  const block = (kind: Block['type'], id: string): Block => {
    if (latest?.type === kind && latestId === id) return latest
    const known = blocks.get(kind + id)
    const found: Block = known ?? { type: kind, text: '' }
    if (known === undefined) {
      blocks.set(kind + id, found)
      content.push(found)
    }
    latestId = id
    latest = found
    return found
  }

  const end = (kind: Block['type'], id: string): void => {
    blocks.delete(kind + id)
    latest = undefined
  }

  for (const part of parts) {
    switch (part.type) {
      case 'stream-start':
        warnings.push(...part.warnings)
        break
      case 'response-metadata': {
        const { type: _, ...metadata } = part
        response = { ...response, ...metadata }
        break
      }
      case 'text-start':
      case 'reasoning-start':
        mergeMetadata(block(part.type === 'text-start' ? 'text' : 'reasoning', part.id), part.providerMetadata)
        break
      case 'text-delta':
      case 'reasoning-delta': {
        const open = block(part.type === 'text-delta' ? 'text' : 'reasoning', part.id)
        open.text += part.delta
        mergeMetadata(open, part.providerMetadata)
        break
      }
      case 'text-end': {
        const open = block('text', part.id)
        mergeMetadata(open, part.providerMetadata)
        if (part.citations !== undefined && open.type === 'text') open.citations = part.citations
        end('text', part.id)
        break
      }
      case 'reasoning-end':
        mergeMetadata(block('reasoning', part.id), part.providerMetadata)
        end('reasoning', part.id)
        break
      case 'tool-call':
      case 'tool-result':
      case 'tool-approval-request':
      case 'file':
      case 'reasoning-file':
      case 'source':
      case 'custom':
        content.push(part)
        break
      default:
        break
    }
  }

  return {
    content: content.filter((part) => part.type !== 'text' || part.text !== ''),
    finishReason: finish.finishReason,
    usage: finish.usage,
    warnings,
    ...(finish.providerMetadata === undefined ? {} : { providerMetadata: finish.providerMetadata }),
    ...(response === undefined ? {} : { response }),
  }
}

type Block = Extract<LanguageModelV4Content, { type: 'text' | 'reasoning' }>

function mergeMetadata(block: Block, metadata: Metadata): void {
  if (metadata !== undefined) block.providerMetadata = { ...block.providerMetadata, ...metadata }
}
