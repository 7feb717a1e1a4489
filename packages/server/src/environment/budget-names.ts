import { nearestName } from '../config/suggest.ts'
import { scopedNames } from '../config/check-budgets.ts'
import type { HoldfastConfig } from '../config/options.ts'
import type { ApiKey } from './environment.ts'

/**
 * Names in budgets that only the environment knows: labels of API keys, and tenants where the configuration lists none. A label that is not known
 * is not shown: it may be a key in its place.
 */
export function budgetNameProblems(
  { budgets, tenants }: Pick<HoldfastConfig, 'budgets' | 'tenants'>,
  apiKeys: readonly ApiKey[],
): string[] {
  if (budgets === undefined) return []
  const labels = apiKeys.map(({ label }) => label)
  const known = [...new Set(['default', ...apiKeys.map(({ tenant }) => tenant)])]
  return scopedNames(budgets).flatMap(({ path, dimension, name }) => {
    const [first = '', ...rest] = path
    const at = rest.reduce<string>(
      (text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`),
      `${first}`,
    )
    if (dimension === 'key' && !labels.includes(name)) {
      const near = nearestName(name, labels)
      const hint = near === undefined ? '' : `; is "${near}" meant?`
      return [`${at}: there is no API key with this label; there are ${labels.join(', ') || 'none'}${hint}`]
    }
    if (dimension === 'tenant' && tenants === undefined && !known.includes(name)) {
      return [`${at}: there is no tenant ${JSON.stringify(name)}; in HOLDFAST_API_KEYS are ${known.join(', ')}`]
    }
    return []
  })
}
