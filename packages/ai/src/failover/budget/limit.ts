import { between, invalid, named } from '../../errors/invalid-options.ts'
import { hashOf } from '../hash.ts'
import { UNITS } from './account.ts'
import { BUDGET_DEFAULTS } from './options.ts'
import type { BudgetDimension, BudgetLimit, BudgetPeriod, BudgetScope, BudgetSubject, BudgetUnit } from './options.ts'
import { lengthMsOf, PERIODS } from './period.ts'

export const DIMENSIONS: readonly BudgetDimension[] = ['tenant', 'key', 'provider', 'model', 'credential']

const MOST: Readonly<Record<BudgetUnit, number>> = { cost: 1_000_000_000, tokens: 1e15, requests: 1e15 }

type Values = readonly (readonly [BudgetDimension, ReadonlySet<string>])[]

/** A limit that is checked and complete. */
export interface ResolvedLimit {
  readonly name: string
  readonly only: Values
  readonly except: Values
  readonly per: readonly BudgetDimension[]
  readonly period: BudgetPeriod
  readonly periodMs: number
  readonly window: 'fixed' | 'rolling'
  readonly max: { readonly [Unit in BudgetUnit]?: number }
  readonly soft: { readonly [Unit in BudgetUnit]?: number }
  readonly onSoft: 'tell' | 'cheapest'
  /** Whether there is any soft limit. */
  readonly isSoft: boolean
}

/** @throws HoldfastError INVALID_OPTION */
export function resolveLimit(limit: BudgetLimit, at: string): ResolvedLimit {
  if (typeof limit !== 'object' || limit === null) throw invalid(at, 'an object', limit)
  const { period, window = BUDGET_DEFAULTS.window, onSoft = BUDGET_DEFAULTS.onSoft, per = [] } = limit
  if (!PERIODS.includes(period)) throw invalid(`${at}.period`, PERIODS.join(', '), period)
  if (window !== 'fixed' && window !== 'rolling') throw invalid(`${at}.window`, 'fixed or rolling', window)
  if (onSoft !== 'tell' && onSoft !== 'cheapest') throw invalid(`${at}.onSoft`, 'tell or cheapest', onSoft)
  if (!Array.isArray(per) || !per.every((dimension) => DIMENSIONS.includes(dimension))) {
    throw invalid(`${at}.per`, `a list of ${DIMENSIONS.join(', ')}`, per)
  }
  const max = amounts(limit, 'max', at)
  const soft = amounts(limit, 'soft', at)
  if (Object.keys({ ...max, ...soft }).length === 0) throw invalid(at, 'a limit with a max… or a soft…', 'without one')
  return Object.freeze({
    name: named(`${at}.name`, limit.name),
    only: valuesOf(limit.only, `${at}.only`),
    except: valuesOf(limit.except, `${at}.except`),
    per: DIMENSIONS.filter((dimension) => per.includes(dimension)),
    period,
    periodMs: lengthMsOf(period),
    window,
    max,
    soft,
    onSoft,
    isSoft: Object.keys(soft).length > 0,
  })
}

function amounts(limit: BudgetLimit, kind: 'max' | 'soft', at: string): { [Unit in BudgetUnit]?: number } {
  const given: { [Unit in BudgetUnit]?: number } = {}
  for (const unit of UNITS) {
    const option = `${kind}${unit[0]!.toUpperCase()}${unit.slice(1)}` as keyof BudgetLimit
    const value = limit[option] as number | undefined
    if (value !== undefined) given[unit] = between(`${at}.${option}`, value, 0, MOST[unit])
  }
  return given
}

function valuesOf(scope: BudgetScope | undefined, at: string): Values {
  return Object.entries(scope ?? {}).flatMap(([dimension, given]) => {
    if (!DIMENSIONS.includes(dimension as BudgetDimension)) throw invalid(at, DIMENSIONS.join(', '), dimension)
    if (given === undefined) return []
    const values: unknown[] = [given].flat()
    if (values.length === 0 || !values.every((value) => typeof value === 'string' && value !== '')) {
      throw invalid(`${at}.${dimension}`, 'a name, or a list of names', '(not shown)')
    }
    if (dimension === 'key' && !values.every((value) => isKeyLabel(value as string))) {
      throw invalid(`${at}.key`, `a label of a key, not the key: ${KEY_LABEL}`, '(not shown)')
    }
    return [[dimension, new Set(values as string[])] as [BudgetDimension, Set<string>]]
  })
}

/** Whether a limit is for this request and model. */
export function covers({ only, except }: Pick<ResolvedLimit, 'only' | 'except'>, subject: BudgetSubject): boolean {
  for (const [dimension, values] of only) if (!values.has(subject[dimension] ?? '')) return false
  for (const [dimension, values] of except) if (values.has(subject[dimension] ?? '')) return false
  return true
}

/** Whether a limit may be for this model, whoever asks. */
export function mayCover({ only, except }: ResolvedLimit, model: BudgetSubject): boolean {
  const isOfCaller = (dimension: BudgetDimension): boolean => dimension === 'tenant' || dimension === 'key'
  return covers(
    {
      only: only.filter(([dimension]) => !isOfCaller(dimension)),
      except: except.filter(([dimension]) => !isOfCaller(dimension)),
    },
    model,
  )
}

/** The name of a subject's account. */
export function keyOf({ per }: ResolvedLimit, subject: BudgetSubject): string {
  return per.length === 1 ? (subject[per[0]!] ?? '') : per.map((dimension) => subject[dimension] ?? '').join('\n')
}

/** What of a subject tells its account apart. */
export function subjectOf({ per }: ResolvedLimit, subject: BudgetSubject): BudgetSubject {
  return Object.fromEntries(
    per.flatMap((dimension) => (subject[dimension] === undefined ? [] : [[dimension, subject[dimension]]])),
  )
}

const KEY_LABEL = '1 to 32 lower-case letters, digits, ".", "_" and "-", that do not begin with "sk-"'

function isKeyLabel(text: string): boolean {
  return /^(?!sk[-_])[a-z0-9._-]{1,32}$/.test(text)
}

/** The label of a caller's key as it is, or a hash of what is none: it may be the key itself. */
export function keyLabelOf(key: unknown): string | undefined {
  if (key === undefined) return undefined
  if (typeof key !== 'string') return hashed('no text')
  return isKeyLabel(key) ? key : hashed(key)
}

/** A name that is not too long to be kept; a hash of one that is. */
export function boundedName(name: string): string {
  return name.length <= 64 && !name.includes('\n') ? name : hashed(name)
}

function hashed(text: string): string {
  const hex = (number: number): string => number.toString(16).padStart(8, '0')
  return `hash-${hex(hashOf(text))}${hex(hashOf(text, 0x9e3779b9))}`
}
