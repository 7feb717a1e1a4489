import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { schemaMismatch } from '../../errors/failures.ts'
import { jsonIn } from './json-in-text.ts'
import type { FoundJson } from './json-in-text.ts'
import { misfit } from './schema.ts'
import type { JsonSchema } from './schema.ts'

/** Looks through the parts of a whole answer, and returns those to give. @throws HoldfastError for an answer that is none. */
export type Review = (parts: LanguageModelV4StreamPart[]) => LanguageModelV4StreamPart[]

type TextPart = Extract<LanguageModelV4StreamPart, { type: 'text-start' | 'text-delta' | 'text-end' }>

/** How to look through an answer to a request for JSON; `undefined` for other requests. */
export function reviewOf({ responseFormat }: LanguageModelV4CallOptions): Review | undefined {
  return responseFormat?.type === 'json' ? (parts) => review(parts, responseFormat.schema) : undefined
}

function review(parts: LanguageModelV4StreamPart[], schema: JsonSchema | undefined): LanguageModelV4StreamPart[] {
  // It is not the answer yet, but asks for what it needs.
  if (parts.some((part) => part.type === 'tool-call' && part.providerExecuted !== true)) return parts
  const blocks = new Map<string, string>()
  for (const part of parts) {
    if (part.type === 'text-delta') blocks.set(part.id, (blocks.get(part.id) ?? '') + part.delta)
  }
  const whole = [...blocks.values()].join('')
  const json = jsonOf(whole, [...blocks.values()], schema)
  return json === whole ? parts : withText(parts, json)
}

/** @throws HoldfastError SCHEMA_MISMATCH. */
function jsonOf(whole: string, blocks: readonly string[], schema: JsonSchema | undefined): string {
  const all = fitting(jsonIn(whole), schema)
  if (all.length === 1) return all[0]!.text
  // Some write a draft first, and the answer into a block of its own.
  const last = blocks.length > 1 ? fitting(jsonIn(blocks.at(-1)!), schema) : []
  if (last.length === 1) return last[0]!.text
  const [found] = jsonIn(whole)
  throw schemaMismatch(found === undefined || all.length > 1 ? undefined : misfit(found.value, schema))
}

/** Those that fit, each once. More than one: nobody can tell which is meant. */
function fitting(found: readonly FoundJson[], schema: JsonSchema | undefined): readonly FoundJson[] {
  const fit = new Map<string, FoundJson>()
  for (const json of found) {
    if (misfit(json.value, schema) === undefined) fit.set(sameness(json), json)
  }
  const all = [...fit.values()]
  // Without a schema, a list in brackets beside an object is a note of the kind [1].
  const objects = schema === undefined && all.length > 1 ? all.filter(({ value }) => !Array.isArray(value)) : []
  return objects.length > 0 ? objects : all
}

/** The same for those that say the same. */
function sameness({ text, value }: FoundJson): string {
  try {
    return JSON.stringify(value)
  } catch {
    // Nested deeper than can be written.
    return text
  }
}

/** The same parts with one text in place of all. */
function withText(parts: readonly LanguageModelV4StreamPart[], delta: string): LanguageModelV4StreamPart[] {
  const texts = parts.filter(isText)
  const id = texts.at(-1)!.id
  const start = texts.find((part) => part.type === 'text-start' && part.id === id) ?? { type: 'text-start', id }
  const end = texts.find((part) => part.type === 'text-end' && part.id === id) ?? { type: 'text-end', id }
  const at = parts.findIndex(isText)
  const others = (some: readonly LanguageModelV4StreamPart[]): LanguageModelV4StreamPart[] =>
    some.filter((part) => !isText(part))
  return [...parts.slice(0, at), start, { type: 'text-delta', id, delta }, end, ...others(parts.slice(at))]
}

function isText(part: LanguageModelV4StreamPart): part is TextPart {
  return part.type === 'text-start' || part.type === 'text-delta' || part.type === 'text-end'
}
