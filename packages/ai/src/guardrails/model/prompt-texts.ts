import type { JSONValue, LanguageModelV4Prompt, LanguageModelV4ToolResultOutput } from '@ai-sdk/provider'

type Message = LanguageModelV4Prompt[number]
type Part = Exclude<Message['content'], string>[number]

/** Where in a prompt a text stands. */
export interface Place {
  /** The index of its message. */
  readonly message: number
  readonly role: Message['role']
  /** What the model reads it as a part of: a user's message, or what a tool has brought in several texts. Undefined if it stands alone. */
  readonly within?: object | undefined
}

/** Makes a text another one. */
type TextMap = (text: string, place: Place) => string

/** The deepest level of JSON that is looked into; below it nothing is changed. */
const DEEPEST = 64

/**
 * A prompt whose texts are mapped: of messages, of reasoning, of files that are text, of what was passed to tools and what they gave back. What does
 * not change stays the same object, and so does the prompt if nothing does.
 */
function mapTexts(prompt: LanguageModelV4Prompt, map: TextMap): LanguageModelV4Prompt {
  return mapItems(prompt, (message, index) => mapMessage(message, { message: index, role: message.role }, map))
}

/** The same for texts that are read as one: those of one user's message, those of one result of a tool. As many must come back. */
export function mapWholes(
  prompt: LanguageModelV4Prompt,
  map: (texts: readonly string[], place: Place) => readonly string[],
): LanguageModelV4Prompt {
  const wholes: { readonly place: Place; readonly texts: string[] }[] = []
  mapTexts(prompt, (text, place) => {
    const last = wholes.at(-1)
    if (place.within !== undefined && last?.place.within === place.within) last.texts.push(text)
    else wholes.push({ place, texts: [text] })
    return text
  })
  const mapped = wholes.flatMap(({ place, texts }) => map(texts, place)).values()
  return mapTexts(prompt, (text) => mapped.next().value ?? text)
}

function mapMessage(message: Message, place: Place, map: TextMap): Message {
  if (typeof message.content === 'string') {
    const content = map(message.content, place)
    return content === message.content ? message : ({ ...message, content } as Message)
  }
  const content = mapItems(message.content as readonly Part[], (part) => {
    const within = place.role === 'user' ? message : part.type === 'tool-result' ? textsOf(part.output) : undefined
    return mapPart(part, (text) => map(text, { ...place, within }))
  })
  return content === message.content ? message : ({ ...message, content } as Message)
}

function mapPart(part: Part, map: (text: string) => string): Part {
  switch (part.type) {
    case 'text':
    case 'reasoning': {
      const text = map(part.text)
      return text === part.text ? part : { ...part, text }
    }
    case 'file': {
      if (part.data.type !== 'text') return part
      const text = map(part.data.text)
      return text === part.data.text ? part : { ...part, data: { ...part.data, text } }
    }
    case 'tool-call': {
      const input = mapJson(part.input, map, DEEPEST)
      return input === part.input ? part : { ...part, input }
    }
    case 'tool-result': {
      const output = mapOutput(part.output, map)
      return output === part.output ? part : { ...part, output }
    }
    default:
      return part
  }
}

/** Values within JSON stand alone. */
function textsOf(output: LanguageModelV4ToolResultOutput): object | undefined {
  return output.type === 'content' ? output : undefined
}

function mapOutput(
  output: LanguageModelV4ToolResultOutput,
  map: (text: string) => string,
): LanguageModelV4ToolResultOutput {
  switch (output.type) {
    case 'text':
    case 'error-text': {
      const value = map(output.value)
      return value === output.value ? output : { ...output, value }
    }
    case 'json':
    case 'error-json': {
      const value = mapJson(output.value, map, DEEPEST) as JSONValue
      return value === output.value ? output : { ...output, value }
    }
    case 'content': {
      const value = mapItems(output.value, (item) => {
        if (item.type !== 'text') return item
        const text = map(item.text)
        return text === item.text ? item : { ...item, text }
      })
      return value === output.value ? output : { ...output, value }
    }
    default:
      return output
  }
}

function mapJson(value: unknown, map: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return map(value)
  if (typeof value !== 'object' || value === null || depth === 0) return value
  if (Array.isArray(value)) return mapItems(value as unknown[], (item) => mapJson(item, map, depth - 1))
  let changed = false
  const entries = Object.entries(value).map(([name, member]) => {
    const mapped = mapJson(member, map, depth - 1)
    changed ||= mapped !== member
    return [name, mapped] as const
  })
  return changed ? Object.fromEntries(entries) : value
}

/** The same list if nothing in it changes. */
function mapItems<Item>(items: readonly Item[], map: (item: Item, index: number) => Item): Item[] {
  let changed = false
  const mapped = items.map((item, index) => {
    const next = map(item, index)
    changed ||= next !== item
    return next
  })
  return changed ? mapped : (items as Item[])
}
