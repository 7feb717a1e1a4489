import type { JsonValue } from '@holdfast/agents/sync'
import { momentIn } from './cell-time.ts'
import type { Zone } from './cell-time.ts'

/** Fields that are numbers, and such as are lists, of the kinds that there are. */
const NUMBERS: ReadonlySet<string> = new Set(['price', 'passengers', 'seats'])
const LISTS: ReadonlySet<string> = new Set(['tags', 'amenities'])
const TIMES: ReadonlySet<string> = new Set(['departsAt', 'arrivesAt'])

/** Whether what a cell shows is not what it says: numbers are shown with a currency, times as it is usual somewhere. */
export function isMeasured(field: string): boolean {
  return NUMBERS.has(field) || TIMES.has(field)
}

/**
 * What a field has where a cell or a property says this: text without space around it, a number where the field is one and the text can be, ISO 8601 in UTC where the field is a time and the text can be, a list where the text has commas or semicolons; `null` for nothing.
 *
 * @param zone in which a time without an offset is meant. Default: not known.
 */
export function fieldValue(field: string, said: string | number | boolean | null | undefined, zone?: Zone): JsonValue {
  const text = String(said ?? '').trim()
  if (text === '') return null
  if (NUMBERS.has(field)) return numberIn(text) ?? text
  if (TIMES.has(field)) {
    const at = momentIn(said, zone)
    return at === undefined ? text : new Date(at).toISOString()
  }
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
