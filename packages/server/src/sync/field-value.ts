import type { JsonValue } from '@holdfast/agents/sync'

/** Fields that are numbers, and such as are lists, of the kinds that there are. */
const NUMBERS: ReadonlySet<string> = new Set(['price', 'passengers', 'seats'])
const LISTS: ReadonlySet<string> = new Set(['tags', 'amenities'])

/**
 * What a field has where a cell or a property says this: text without space around it, a number where the field is one and the text can be, a list where the text has commas or semicolons; `null` for nothing.
 */
export function fieldValue(field: string, said: string | number | boolean | null | undefined): JsonValue {
  const text = String(said ?? '').trim()
  if (text === '') return null
  if (NUMBERS.has(field)) return numberIn(text) ?? text
  if (!LISTS.has(field)) return text
  const parts = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return parts.length === 0 ? null : parts
}

/** `21000`, `21,000.50`; nothing for what may be read in two ways. */
function numberIn(text: string): number | undefined {
  const isGrouped = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)
  if (!isGrouped && !/^-?\d+(?:\.\d+)?$/.test(text)) return undefined
  return Number(text.replaceAll(',', ''))
}
