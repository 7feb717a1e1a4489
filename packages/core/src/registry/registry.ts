import type { LabelCarrier } from '../context/labels.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { Environment, Integration, IntegrationSnapshot } from '../integration/integration.ts'
import type { IntegrationOptions } from '../integration/options.ts'
import { type CallOutcome, guardedCall, type GuardedCallOptions } from '../outcome/guarded-call.ts'
import type { Operation } from '../policy/operation.ts'
import { KIND_PRESETS } from '../presets/kinds.ts'
import { aFunction, check, ENVIRONMENT_RULES, oneOf, validate, wholeFrom } from '../validation/validate.ts'
import { CARRIER_RULE } from '../context/labels.ts'

/** A kind that there is a preset for. */
export type PresetKind = keyof typeof KIND_PRESETS

/** How integrations are made that are asked for by kind and name. */
export interface RegistryOptions extends Environment {
  /** Integrations kept; the one that was asked for longest ago goes first. 1 to 1,000,000. Default: 1,000. */
  readonly maxIntegrations?: number
  /** What one of them has besides the preset of its kind. Default: nothing. */
  readonly options?: (kind: PresetKind, name: string) => Omit<IntegrationOptions, 'name' | 'kind' | keyof Environment>
  /** Where labels come from that a call does not bring itself. Default: nowhere. */
  readonly carrier?: LabelCarrier
}

/** Integrations by name, made when they are first asked for, each guarded as its kind usually is. */
export interface Registry {
  readonly size: number
  /** @throws HoldfastError `INVALID_OPTION`, for a name that is none. */
  integration(kind: PresetKind, name: string): Integration
  /** Makes one guarded call and tells how it ended, in place of throwing; see {@link guardedCall}. */
  call<T>(
    kind: PresetKind,
    name: string,
    operation: Operation<T>,
    options?: GuardedCallOptions<T>,
  ): Promise<CallOutcome<T>>
  /** A guarded operation to keep and use anywhere. Its arguments go to `operation`, after the context. */
  operation<Arguments extends readonly unknown[], T>(
    kind: PresetKind,
    name: string,
    operation: (context: Parameters<Operation<T>>[0], ...args: Arguments) => T | PromiseLike<T>,
    options?: GuardedCallOptions<T>,
  ): (...args: Arguments) => Promise<CallOutcome<T>>
  /** What all of them know about themselves. */
  snapshots(): readonly IntegrationSnapshot[]
}

/**
 * Makes a registry.
 *
 * @example
 * ```ts
 * import { createRegistry } from '@holdfast/core'
 *
 * const registry = createRegistry()
 * const robots = registry.operation('database', 'robots', async (_context, owner: string) => [`the robot of ${owner}`])
 * const outcome = await robots('Ada')
 * console.log(outcome.ok ? outcome.value : outcome.error.code, registry.snapshots()[0]?.status)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  const { maxIntegrations = 1_000, options: optionsOf, ...environment } = options
  validate('registry', options, {
    maxIntegrations: wholeFrom(1, 1_000_000),
    options: aFunction,
    carrier: CARRIER_RULE,
    ...ENVIRONMENT_RULES,
  })
  const aKind = oneOf(...Object.keys(KIND_PRESETS))
  /** In the order of their last use. */
  const integrations = new Map<string, Integration>()

  const integration = (kind: PresetKind, name: string): Integration => {
    check('registry.kind', kind, aKind)
    const key = `${kind} ${name}`
    const known = integrations.get(key)
    const one =
      known ??
      createIntegration({ ...KIND_PRESETS[kind].options, ...optionsOf?.(kind, name), ...environment, name, kind })
    integrations.delete(key)
    integrations.set(key, one)
    if (integrations.size > maxIntegrations) integrations.delete(integrations.keys().next().value as string)
    return one
  }
  const { clock, events } = environment
  const defaults = { ...(clock === undefined ? {} : { clock }), ...(events === undefined ? {} : { events }) }
  const call = <T>(
    kind: PresetKind,
    name: string,
    operation: Operation<T>,
    own: GuardedCallOptions<T> = {},
  ): Promise<CallOutcome<T>> => guardedCall(integration(kind, name), operation, { ...defaults, ...own })

  return Object.freeze({
    get size(): number {
      return integrations.size
    },
    integration,
    call,
    operation:
      <Arguments extends readonly unknown[], T>(
        kind: PresetKind,
        name: string,
        operation: (context: Parameters<Operation<T>>[0], ...args: Arguments) => T | PromiseLike<T>,
        own?: GuardedCallOptions<T>,
      ) =>
      (...args: Arguments): Promise<CallOutcome<T>> =>
        call(kind, name, (context) => operation(context, ...args), own),
    snapshots: () => [...integrations.values()].map((one) => one.snapshot()),
  })
}
