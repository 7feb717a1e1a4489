import type { ChatMessage, ChatRequest } from '../llm/request.ts'
import { blocksOf, type Block, type Message, type Prompt } from './request.ts'

/** The same conversation in the form that the stand-ins for language models think about. */
export function chatOf(prompt: Prompt): ChatRequest {
  const { system, messages, tools, tool_choice: choice, output_config: output } = prompt
  const format = output?.format ?? undefined
  const told: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }]
  return {
    model: prompt.model,
    messages: [...told, ...(prefill(prompt) === '' ? messages : messages.slice(0, -1)).flatMap(chatMessages)],
    tools: tools?.map(({ name, input_schema: parameters }) => ({
      type: 'function',
      function: { name, ...(parameters === undefined ? {} : { parameters }) },
    })),
    tool_choice: choiceOf(choice),
    ...(format === undefined
      ? {}
      : { response_format: { type: 'json_schema' as const, json_schema: { schema: format.schema } } }),
  }
}

function choiceOf(choice: Prompt['tool_choice']): NonNullable<ChatRequest['tool_choice']> {
  switch (choice?.type) {
    case 'tool':
      return { type: 'function', function: { name: choice.name ?? '' } }
    case 'any':
      return 'required'
    case 'none':
      return 'none'
    default:
      return 'auto'
  }
}

/** What the caller has put into the model's mouth: the text of a last message that is the assistant's. */
export function prefill({ messages }: Prompt): string {
  const last = messages.at(-1)!
  return last.role === 'assistant' ? textOf(blocksOf(last)) : ''
}

/** Results of tools are messages of their own there, and come before what the user says beside them. */
function chatMessages(message: Message): ChatMessage[] {
  const blocks = blocksOf(message)
  const results = blocks.flatMap((block): ChatMessage[] =>
    block.type === 'tool_result' ? [{ role: 'tool', tool_call_id: block.tool_use_id, content: resultOf(block) }] : [],
  )
  const calls = blocks.flatMap((block) =>
    block.type === 'tool_use'
      ? [{ id: block.id, function: { name: block.name, arguments: JSON.stringify(block.input) } }]
      : [],
  )
  const content = textOf(blocks)
  if (content === '' && calls.length === 0) return results
  return [...results, { role: message.role, content, ...(calls.length === 0 ? {} : { tool_calls: calls }) }]
}

function resultOf({ content, is_error: failed }: Extract<Block, { type: 'tool_result' }>): string {
  const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('')
  return failed === true ? JSON.stringify({ error: text }) : text
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.type === 'text' ? block.text : '')).join('')
}
