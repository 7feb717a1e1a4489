import { HoldfastError } from '../errors/holdfast-error.ts'

/** What an option may be. */
export interface Rule {
  /** For the error: `a whole number from 0 to 100`. */
  readonly allowed: string
  /** @param option its name, for a rule that finds fault with a part of it: it throws. */
  accepts(value: unknown, option?: string): boolean
}

/** A rule for every option there is; any other key is refused. */
export type Rules<Options> = { readonly [Key in keyof Options]-?: Rule }

/** The error for an option that cannot be used: code `INVALID_OPTION`, naming the option, what is allowed and what came. */
export function invalidOption(option: string, allowed: string, came: unknown): HoldfastError {
  return invalid(`${option} must be ${allowed}, but is ${describe(came)}`)
}

/** The same, in other words. */
export function invalid(message: string): HoldfastError {
  return new HoldfastError({
    code: 'INVALID_OPTION',
    category: 'validation',
    message,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/**
 * Checks options once, at construction. An option that is `undefined` counts as left out.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function validate<Options extends object>(owner: string, options: Options, rules: Rules<Options>): void {
  if (!isObject(options)) throw invalidOption(owner, 'an object of options', options)
  const names = Object.keys(rules)
  for (const [key, value] of Object.entries(options)) {
    const option = `${owner}.${key}`
    if (!names.includes(key)) {
      // Unsigned, so that -1 comes last.
      const place = (name: string): number => name.toLowerCase().indexOf(key.toLowerCase()) >>> 0
      names.sort((a, b) => place(a) - place(b))
      throw invalid(`${option} is not an option; the options are ${names.join(', ')}`)
    }
    if (value !== undefined) check(option, value, rules[key as keyof Options])
  }
}

/**
 * Checks one value, which must not be left out.
 * @returns true
 * @throws HoldfastError `INVALID_OPTION`
 */
export function check(option: string, value: unknown, rule: Rule): boolean {
  if (rule.accepts(value, option)) return true
  throw invalidOption(option, rule.allowed, value)
}

/** A number in a closed range. */
export function numberFrom(least: number, most: number, kind = 'a number'): Rule {
  return {
    allowed: `${kind} from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`,
    accepts: (value) => typeof value === 'number' && value >= least && value <= most,
  }
}

/** A whole number in a closed range. */
export function wholeFrom(least: number, most: number): Rule {
  const rule = numberFrom(least, most, 'a whole number')
  return { ...rule, accepts: (value) => Number.isInteger(value) && rule.accepts(value) }
}

/** A share that must not be nothing: 0 < share <= 1. */
export const positiveShare: Rule = {
  allowed: 'a number above 0 and up to 1',
  accepts: (value) => typeof value === 'number' && value > 0 && value <= 1,
}

/** One of a few words. */
export function oneOf(...words: readonly unknown[]): Rule {
  return { allowed: words.map(describe).join(' or '), accepts: (value) => words.includes(value) }
}

/** What a name may be that is looked up among others; for {@link invalidOption}. */
export function nameAmong(names: Iterable<string>): string {
  const list = [...names].join(', ')
  return list === '' ? 'a name there is, and there are none' : `one of ${list}`
}

export const aBoolean: Rule = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' }

export const aFunction: Rule = { allowed: 'a function', accepts: (value) => typeof value === 'function' }

/** @throws HoldfastError `INVALID_OPTION` for what cannot be called, such as the promise of a call that is under way already. */
export function checkOperation(operation: unknown): void {
  check('operation', operation, aFunction)
}

/** A label or another short text: 1 to 200 characters. */
export const aText: Rule = {
  allowed: '1 to 200 characters',
  accepts: (value) => typeof value === 'string' && value.length > 0 && value.length <= 200,
}

/** An object that has these functions. */
export function objectWith(...methods: readonly string[]): Rule {
  return {
    allowed: `an object with ${methods.join(', ')}`,
    accepts: (value) =>
      isObject(value) && methods.every((method) => aFunction.accepts(value[method as keyof typeof value])),
  }
}

export const aSignal: Rule = {
  allowed: 'an AbortSignal',
  accepts: (value) => objectWith('addEventListener', 'throwIfAborted').accepts(value),
}

export const anObject: Rule = { allowed: 'an object', accepts: isObject }

/** Options of a part, not a part that was made of them; where the part can be left out, also `false`. */
export function objectOrFalse(orFalse: boolean): Rule {
  return {
    allowed: orFalse ? 'an object of options, or false' : 'an object of options',
    accepts: (value) => (isObject(value) && classOf(value) === 'Object') || (orFalse && value === false),
  }
}

export const aString: Rule = { allowed: 'a string', accepts: (value) => typeof value === 'string' }

/** The name of a part: 1 to 64 lower-case letters, digits and `-`. */
export const aName: Rule = {
  allowed: "1 to 64 lower-case letters, digits and '-'",
  accepts: (value) => typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value),
}

export const aClock: Rule = /* @__PURE__ */ objectWith('now', 'wallTime', 'sleep', 'schedule')

/** The rules for the options of every {@link Environment}. */
export const ENVIRONMENT_RULES: { readonly clock: Rule; readonly random: Rule; readonly events: Rule } = {
  clock: aClock,
  random: aFunction,
  events: /* @__PURE__ */ objectWith('emit', 'on'),
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The name of the class; that of a plain object is `Object`, whichever realm it is from. */
function classOf(value: object): string {
  return (value.constructor as Function | undefined)?.name ?? 'Object'
}

/** Short, and without the inside of objects: that might be anything. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `a string of ${value.length} characters` : `'${value}'`
  if (isObject(value)) return `an instance of ${classOf(value)}`
  return aFunction.accepts(value) ? aFunction.allowed : String(value)
}
