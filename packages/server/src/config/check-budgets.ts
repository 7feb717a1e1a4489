import { createBudgets } from '@holdfast/ai'
import type { BudgetDimension, BudgetScope, BudgetUnit } from '@holdfast/ai'
import type { Finding } from './check.ts'
import type { PathStep } from './locate.ts'
import type { BudgetLimitOptions, HoldfastConfig } from './options.ts'
import { nearestName } from './suggest.ts'

/** One name in the `only` or the `except` of a limit, and where it stands. */
export interface ScopedName {
  readonly path: readonly PathStep[]
  readonly dimension: BudgetDimension
  readonly name: string
}

/** The amounts of each kind, the soft one first. */
const AMOUNTS = [
  ['softCost', 'maxCost'],
  ['softTokens', 'maxTokens'],
  ['softRequests', 'maxRequests'],
] as const satisfies readonly (readonly [`soft${Capitalize<BudgetUnit>}`, `max${Capitalize<BudgetUnit>}`])[]

/** What must fit together where budgets are configured: with the models, their prices and the tenants. Keys come from the environment. */
export function budgetFindings(config: HoldfastConfig): Finding[] {
  const { budgets, models } = config
  if (budgets === undefined) return []
  if (models === undefined) {
    const message = 'count what `models` cost, and none are configured: what OPENAI_API_KEY pays for is not counted'
    return [{ path: ['budgets'], message }]
  }
  return [
    ...Object.entries(budgets.limits).flatMap(([name, limit]) => limitFindings(name, limit)),
    ...scopedNames(budgets).flatMap((scoped) => nameFinding(scoped, config)),
    ...priceFindings(budgets.limits, models),
  ]
}

function limitFindings(name: string, limit: BudgetLimitOptions): Finding[] {
  const path = ['budgets', 'limits', name]
  const isLimit = AMOUNTS.flat().some((option) => limit[option] !== undefined)
  if (!isLimit) return [{ path, message: `needs a limit: one of ${AMOUNTS.flat().join(', ')}` }]
  return AMOUNTS.flatMap(([soft, max]): Finding[] => {
    const [softAmount, maxAmount = Infinity] = [limit[soft], limit[max]]
    if (softAmount === undefined || softAmount <= maxAmount) return []
    return [{ path: [...path, soft], message: `allowed is up to \`${max}\`, ${maxAmount}; got ${softAmount}` }]
  })
}

/** Every name that some limit is only for, or not for. */
export function scopedNames({ limits }: NonNullable<HoldfastConfig['budgets']>): ScopedName[] {
  return Object.entries(limits).flatMap(([limit, { only, except }]) =>
    Object.entries({ only, except }).flatMap(([kind, scope]) => namesOf(scope, ['budgets', 'limits', limit, kind])),
  )
}

function namesOf(scope: BudgetScope | undefined, before: readonly PathStep[]): ScopedName[] {
  return Object.entries(scope ?? {}).flatMap(([dimension, given]) => {
    const named = (name: string, more: readonly PathStep[]): ScopedName => ({
      path: [...before, dimension, ...more],
      dimension: dimension as BudgetDimension,
      name,
    })
    if (given === undefined) return []
    return typeof given === 'string'
      ? [named(given, [])]
      : given.map((name: string, index: number) => named(name, [index]))
  })
}

function nameFinding({ path, dimension, name }: ScopedName, { models = {}, tenants }: HoldfastConfig): Finding[] {
  const configured = Object.values(models)
  switch (dimension) {
    case 'model':
      return unknown(path, 'model', name, Object.keys(models))
    case 'provider':
      return unknown(path, 'model of the provider', name, [...new Set(configured.map(({ provider }) => provider))])
    case 'credential':
      return unknown(path, 'model with the credential', name, [
        ...new Set(configured.flatMap(({ credential }) => credential ?? [])),
      ])
    case 'tenant':
      // Without `tenants`, those of the environment are all there are.
      return tenants === undefined ? [] : unknown(path, 'tenant', name, ['default', ...Object.keys(tenants)])
    case 'key':
      return /^(?!sk[-_])[a-z0-9._-]{1,32}$/.test(name) ? [] : [{ path, message: NO_LABEL }]
  }
}

const NO_LABEL =
  'allowed is the label of a key, not the key: "acme.1" for the first of acme in HOLDFAST_API_KEYS, or the name of its variable in lower case; what came is not shown'

function unknown(path: readonly PathStep[], what: string, name: string, known: readonly string[]): Finding[] {
  if (known.includes(name)) return []
  const near = nearestName(name, known)
  const hint = near === undefined ? '' : `; is "${near}" meant?`
  const shown = JSON.stringify(name.slice(0, 64))
  return [{ path, message: `there is no ${what} named ${shown}; there are ${known.join(', ') || 'none'}${hint}` }]
}

/** Money can only be counted where the price is known. */
function priceFindings(
  limits: NonNullable<HoldfastConfig['budgets']>['limits'],
  models: NonNullable<HoldfastConfig['models']>,
): Finding[] {
  return Object.entries(models).flatMap(([model, { provider, credential, price }]): Finding[] => {
    if (price !== undefined) return []
    const inMoney = Object.entries(limits).find(
      ([, limit]) =>
        (limit.maxCost !== undefined || limit.softCost !== undefined) &&
        createBudgets({ limits: [{ ...limit, name: 'one' }] }).needsPrice({ provider, model, credential }),
    )
    if (inMoney === undefined) return []
    return [{ path: ['models', model], message: `needs a \`price\`: the budget "${inMoney[0]}" counts money for it` }]
  })
}
