import { invalid } from './errors.ts'

/**
 * A value for a `jsonb` column. Both drivers take text there, and disagree about everything else: to one of them an array is an array of
 * PostgreSQL's.
 * @throws HoldfastError `STORE_VALUE`: JSON cannot hold it (`undefined`, a function, a circle, a bigint), or PostgreSQL cannot (the character 0)
 */
export function json(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // A circle or a bigint; said below.
  }
  if (text === undefined) throw invalid('STORE_VALUE', 'The value is nothing that JSON can hold.')
  if (/(?<!\\)(\\\\)*\\u0000/.test(text))
    throw invalid('STORE_VALUE', 'The value holds the character 0, which PostgreSQL cannot keep.')
  return text
}
