import { scan } from '../journal/frame.ts'

/** The version of what stands in a line. */
export const VERSION = 1

export interface ReadValues {
  readonly values: ReadonlyMap<string, unknown>
  /** Whether it has the first line that such a file is begun with. */
  readonly isBegun: boolean
  /** The end of a write that a crash cut off. */
  readonly tornBytes: number
  /** What else is no value. */
  readonly badBytes: number
}

/** The last value of each key in a file. */
export function readValues(bytes: Buffer): ReadValues {
  const values = new Map<string, unknown>()
  const { frames, bad } = scan(bytes)
  let isBegun = false
  let tornBytes = 0
  let badBytes = 0
  for (const { payload, length } of frames) {
    const { v, key, value, values: kind } = (payload ?? {}) as Readonly<Record<string, unknown>>
    if (v === VERSION && kind === 'latest') isBegun = true
    else if (v === VERSION && typeof key === 'string' && value !== undefined) values.set(key, value)
    else badBytes += length
  }
  for (const { length, torn } of bad) {
    if (torn && isBegun) tornBytes += length
    else badBytes += length
  }
  return { values, isBegun, tornBytes, badBytes }
}
