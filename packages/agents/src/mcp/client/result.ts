import type { CallToolResult } from '@modelcontextprotocol/client'
import { readErrorMeta } from '../shared/error-meta.ts'
import { invalidOutput, resultTooLarge, toolFailed } from './failures.ts'
import type { ListedTool } from './tool-list.ts'

/** What a tool answered. All of it comes from outside: a model that reads it reads somebody else's words. */
export interface McpToolResult {
  /** Text, images, audio, links and resources, as the protocol has them. */
  readonly content: CallToolResult['content']
  /** Checked against the tool's `outputSchema`, where it has one. */
  readonly structuredContent?: Readonly<Record<string, unknown>> | undefined
  /** The text in `content`; where there is none, the structured content as JSON. */
  readonly text: string
}

/** What the tool's result is worth. @throws HoldfastError for one that is too large, of the wrong shape, or a failure */
export function readResult(
  server: string,
  tool: string,
  listed: ListedTool | undefined,
  result: CallToolResult,
  maxBytes: number,
): McpToolResult {
  const { content, isError, _meta } = result
  const structuredContent = result.structuredContent as Readonly<Record<string, unknown>> | undefined
  if (Buffer.byteLength(JSON.stringify([content, structuredContent])) > maxBytes) throw resultTooLarge(server, maxBytes)
  const text = textOf(content, structuredContent)
  if (isError === true) throw toolFailed(server, tool, text, readErrorMeta(_meta))
  const hasOutputSchema = listed?.wire.outputSchema !== undefined
  if (hasOutputSchema && structuredContent === undefined) {
    throw invalidOutput(server, tool, 'it has an output schema, and no structured content came')
  }
  const problem = structuredContent === undefined ? undefined : listed?.outputProblem(structuredContent)
  if (problem !== undefined) throw invalidOutput(server, tool, whereOnly(problem))
  return Object.freeze({ content, text, ...(structuredContent === undefined ? {} : { structuredContent }) })
}

function textOf(content: CallToolResult['content'], structured: object | undefined): string {
  const texts = content.flatMap((part) => {
    if (part.type === 'text') return [part.text]
    return part.type === 'resource' && 'text' in part.resource ? [part.resource.text] : []
  })
  return texts.length === 0 && structured !== undefined ? JSON.stringify(structured) : texts.join('\n')
}

/** What a validator says may repeat names from outside; where they stand is enough. */
function whereOnly(problem: string): string {
  const places = problem.match(/(?<=^|; )#[\w./-]{0,100}(?=: )/g) ?? ['#']
  return `see ${[...new Set(places)].slice(0, 5).join(', ')}`
}
