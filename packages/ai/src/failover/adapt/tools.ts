import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider'
import type { Dialect } from './dialect.ts'
import { withOptionsFor } from './provider-options.ts'

type Tools = NonNullable<LanguageModelV4CallOptions['tools']>

/** Whether a provider runs, or knows, a tool that some provider has defined. */
export function isToolOf({ id }: { readonly id: string }, { tools }: Dialect): boolean {
  return tools.has(id.slice(0, id.indexOf('.')))
}

/** A call with the tools that a provider knows: functions, and its own. A choice that no longer can be made is left to the model. */
export function withToolsFor(
  call: LanguageModelV4CallOptions,
  dialect: Dialect,
  warnings: SharedV4Warning[],
): LanguageModelV4CallOptions {
  const { tools, toolChoice } = call
  const { options } = dialect
  if (options === undefined || tools === undefined || tools.length === 0) return call
  const kept: Tools = []
  const gone = new Set<string>()
  let changed = false
  for (const tool of tools) {
    if (tool.type === 'provider' && !isToolOf(tool, dialect)) {
      gone.add(tool.name)
      warnings.push({
        type: 'unsupported',
        feature: `provider-defined tool ${tool.id}`,
        details: 'It is a tool of another provider, and was left out.',
      })
      continue
    }
    const fit = tool.type === 'function' ? withOptionsFor(tool, options) : tool
    changed ||= fit !== tool
    kept.push(fit)
  }
  if (gone.size === 0) return changed ? { ...call, tools: kept } : call
  const { tools: _, toolChoice: __, ...rest } = call
  const mustGo = toolChoice?.type === 'tool' ? gone.has(toolChoice.toolName) : kept.length === 0
  if (mustGo && (toolChoice?.type === 'tool' || toolChoice?.type === 'required')) {
    warnings.push({
      type: 'unsupported',
      feature: 'toolChoice',
      details: 'The tool that was to be called is one of another provider.',
    })
  }
  return {
    ...rest,
    ...(kept.length === 0 ? {} : { tools: kept }),
    ...(mustGo || toolChoice === undefined ? {} : { toolChoice }),
  }
}
