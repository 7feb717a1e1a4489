import { z } from 'zod'

const TOOL_ID = /^[a-zA-Z0-9_-]+$/

const text = z.looseObject({
  type: z.literal('text'),
  text: z.string().min(1, 'text content blocks must be non-empty'),
})

const block = z.discriminatedUnion('type', [
  text,
  z.looseObject({
    type: z.literal('tool_use'),
    id: z.string().regex(TOOL_ID, `String should match pattern '${TOOL_ID.source}'`),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
  z.looseObject({
    type: z.literal('tool_result'),
    tool_use_id: z.string().regex(TOOL_ID, `String should match pattern '${TOOL_ID.source}'`),
    content: z
      .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
      .optional(),
    is_error: z.boolean().optional(),
  }),
  z.looseObject({ type: z.literal('thinking') }),
  z.looseObject({ type: z.literal('redacted_thinking') }),
  z.looseObject({ type: z.literal('image') }),
  z.looseObject({ type: z.literal('document') }),
])

const message = z.looseObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) })

/** What is asked to be counted, and the part of a request that is read. */
export const promptSchema = z.looseObject({
  model: z.string().min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  messages: z.array(message).min(1, 'at least one message is required'),
  tools: z
    .array(
      z.looseObject({
        name: z.string(),
        input_schema: z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }).optional(),
      }),
    )
    .optional(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']), name: z.string().optional() }).optional(),
  output_config: z
    .looseObject({
      format: z
        .looseObject({
          type: z.literal('json_schema'),
          schema: z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }),
        })
        .nullish(),
    })
    .optional(),
})

/** The fields of a request for a message that the stand-in looks at. */
export const messageSchema = promptSchema.extend({ max_tokens: z.int().min(1), stream: z.boolean().optional() })

/** A prompt. */
export type Prompt = z.output<typeof promptSchema>

/** One message of it. */
export type Message = Prompt['messages'][number]

/** One block of a message. */
export type Block = z.output<typeof block>

/** The blocks of a message; a text alone is one. */
export function blocksOf({ content }: Message): readonly Block[] {
  if (typeof content !== 'string') return content
  return content === '' ? [] : [{ type: 'text', text: content }]
}

/** What is wrong with a prompt whose fields are all right, in the vendor's words. */
export function fault({ messages }: Prompt): string | undefined {
  for (const [index, one] of messages.entries()) {
    const wrong = misplaced(one, messages[index - 1], messages[index + 1], `messages.${index}`)
    if (wrong !== undefined) return wrong
  }
  const last = messages.at(-1)!
  const written = blocksOf(last).at(-1)
  return last.role === 'assistant' && written?.type === 'text' && /\s$/.test(written.text)
    ? 'messages: final assistant content cannot end with trailing whitespace'
    : undefined
}

function misplaced(
  one: Message,
  before: Message | undefined,
  after: Message | undefined,
  at: string,
): string | undefined {
  const called = new Set(idsCalled(before))
  const answered = new Set(idsAnswered(after))
  for (const [index, { type, ...part }] of blocksOf(one).entries()) {
    const id = String(part['tool_use_id'])
    if (type === 'thinking') return `${at}.content.${index}: Invalid \`signature\` in \`thinking\` block`
    if (type === 'tool_result' && !called.has(id)) {
      return `${at}.content.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    }
  }
  const open = idsCalled(one).filter((id) => !answered.has(id))
  return open.length === 0
    ? undefined
    : `${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
}

function idsCalled(one: Message | undefined): string[] {
  return one === undefined ? [] : blocksOf(one).flatMap((part) => (part.type === 'tool_use' ? [part.id] : []))
}

function idsAnswered(one: Message | undefined): string[] {
  return one === undefined
    ? []
    : blocksOf(one).flatMap((part) => (part.type === 'tool_result' ? [part.tool_use_id] : []))
}
