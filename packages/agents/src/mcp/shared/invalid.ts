import { HoldfastError } from '@holdfast/core'

/** The longest that most times may be: a day, in ms. */
export const DAY_MS = 86_400_000

/** An option was refused at construction. */
export function invalid(option: string, allowed: string, came: unknown): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `${option} must be ${allowed}, but is ${describe(came)}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** Refuses options that there are not. @throws HoldfastError `INVALID_OPTION` */
export function checkNames(owner: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalid(owner, `an object with ${names.join(', ')}`, `with ${unknown}`)
}

/** A whole number in a closed range. @throws HoldfastError `INVALID_OPTION` */
export function wholeFrom(option: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  const range = `${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`
  throw invalid(option, `a whole number from ${range}`, value)
}

/** A name that can stand in events, circuits and tool names. @throws HoldfastError `INVALID_OPTION` */
export function checkName(option: string, value: unknown, most = 60): string {
  if (typeof value === 'string' && value.length <= most && /^[a-z0-9-]+$/.test(value)) return value
  throw invalid(option, `1 to ${most} lower-case letters, digits and '-'`, value)
}

function describe(came: unknown): string {
  if (typeof came === 'string') return came.length > 40 ? `a string of ${came.length} characters` : `'${came}'`
  return typeof came === 'object' && came !== null ? 'an object' : String(came)
}
