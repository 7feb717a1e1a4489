import { HoldfastError } from '../errors/holdfast-error.ts'

/** What an option may be. */
export interface Rule {
  /** For the error: `a whole number from 0 to 100`. */
  readonly allowed: string
  accepts(value: unknown): boolean
}

/** A rule for every option there is; any other key is refused. */
export type Rules<Options> = { readonly [Key in keyof Options]-?: Rule }

/** The error for an option that cannot be used: code `INVALID_OPTION`, naming the option, what is allowed and what came. */
export function invalidOption(option: string, allowed: string, came: unknown): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message: `${option} must be ${allowed}, but is ${describe(came)}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/**
 * Checks options once, at construction. An option that is `undefined` counts as left out.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function validate<Options extends object>(owner: string, options: Options, rules: Rules<Options>): void {
  if (typeof options !== 'object' || options === null) throw invalidOption(owner, 'an object of options', options)
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof Options] : undefined
    if (rule === undefined) {
      throw invalidOption(`${owner}.${key}`, `left out: the options are ${Object.keys(rules).join(', ')}; it`, value)
    }
    if (value !== undefined && !rule.accepts(value)) throw invalidOption(`${owner}.${key}`, rule.allowed, value)
  }
}

/** A finite number in a closed range. */
export function numberFrom(least: number, most: number): Rule {
  return {
    allowed: `a number from ${format(least)} to ${format(most)}`,
    accepts: (value) => typeof value === 'number' && value >= least && value <= most,
  }
}

/** A whole number in a closed range. */
export function wholeFrom(least: number, most: number): Rule {
  return {
    allowed: `a whole number from ${format(least)} to ${format(most)}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  }
}

/** A share that must not be nothing: 0 < share <= 1. */
export const positiveShare: Rule = {
  allowed: 'a number above 0 and up to 1',
  accepts: (value) => typeof value === 'number' && value > 0 && value <= 1,
}

/** One of a few words. */
export function oneOf(...words: readonly string[]): Rule {
  return {
    allowed: words.map((word) => `'${word}'`).join(' or '),
    accepts: (value) => typeof value === 'string' && words.includes(value),
  }
}

export const aBoolean: Rule = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' }

export const aFunction: Rule = { allowed: 'a function', accepts: (value) => typeof value === 'function' }

/** An object that has these functions. */
export function objectWith(...methods: readonly string[]): Rule {
  return {
    allowed: `an object with ${methods.join(', ')}`,
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  }
}

/** Options of a part; where the part can be left out, also `false`. */
export function objectOrFalse(orFalse: boolean): Rule {
  return {
    allowed: orFalse ? 'an object of options, or false' : 'an object of options',
    accepts: (value) => (typeof value === 'object' && value !== null) || (orFalse && value === false),
  }
}

/** The name of a part: 1 to 64 lower-case letters, digits and `-`. */
export const aName: Rule = {
  allowed: "1 to 64 lower-case letters, digits and '-'",
  accepts: (value) => typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value),
}

/** The rules for the options of every {@link Environment}. */
export const ENVIRONMENT_RULES: { readonly clock: Rule; readonly random: Rule; readonly events: Rule } = {
  clock: objectWith('now', 'wallTime', 'sleep', 'schedule'),
  random: aFunction,
  events: objectWith('emit', 'on'),
}

function format(value: number): string {
  return value.toLocaleString('en-US')
}

/** Short, and without the inside of objects: that might be anything. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `a string of ${value.length} characters` : `'${value}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  if (typeof value === 'function') return 'a function'
  return String(value)
}
