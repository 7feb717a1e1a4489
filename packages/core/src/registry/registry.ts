import { CARRIER_RULE, type LabelCarrier, labelsOf } from '../context/labels.ts'
import { createIntegration } from '../integration/create-integration.ts'
import type { Environment, Integration, IntegrationSnapshot } from '../integration/integration.ts'
import type { IntegrationOptions, ReplaceableOptions } from '../integration/options.ts'
import { type CallOutcome, guardedCall, type GuardedCallOptions } from '../outcome/guarded-call.ts'
import type { Operation } from '../policy/operation.ts'
import { KIND_PRESETS } from '../presets/kinds.ts'
import { withDefaults } from '../validation/defaults.ts'
import { aFunction, aName, check, ENVIRONMENT_RULES, oneOf, validate, wholeFrom } from '../validation/validate.ts'

/** A kind that there is a preset for. */
export type PresetKind = keyof typeof KIND_PRESETS

/** How integrations are made that are asked for by kind and name. */
export interface RegistryOptions extends Environment {
  /** Integrations kept; the one that was asked for longest ago goes first. 1 to 1,000,000. Default: 1,000. */
  readonly maxIntegrations?: number | undefined
  /** What one of them has besides the preset of its kind, over which its options go one by one, those of `retry` and `breaker` too. Default: nothing. */
  readonly options?: ((kind: PresetKind, name: string) => ReplaceableOptions) | undefined
  /** Where labels come from that a call does not bring itself. Default: nowhere. */
  readonly carrier?: LabelCarrier | undefined
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
  /**
   * A guarded operation to keep and use anywhere. Its arguments go to `operation`, after the context.
   * @throws HoldfastError `INVALID_OPTION`, for a kind or a name that is none.
   */
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
 * import { createRegistry } from '@holdfast/core/presets'
 *
 * const registry = createRegistry()
 * const robots = registry.operation('database', 'robots', async (_context, owner: string) => [`the robot of ${owner}`])
 * const outcome = await robots('Ada')
 * console.log(outcome.ok ? outcome.value : outcome.error.code, registry.snapshots()[0]?.status)
 * ```
 * @throws HoldfastError `INVALID_OPTION`
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  validate('registry', options, {
    maxIntegrations: wholeFrom(1, 1_000_000),
    options: aFunction,
    carrier: CARRIER_RULE,
    ...ENVIRONMENT_RULES,
  })
  const { maxIntegrations = 1_000, options: optionsOf, ...environment } = options
  const aKind = oneOf(...Object.keys(KIND_PRESETS))
  /** In the order of their last use. */
  const integrations = new Map<string, Integration>()

  const checkNames = (kind: PresetKind, name: string): void => {
    check('registry.kind', kind, aKind)
    check('registry.name', name, aName)
  }
  const make = (kind: PresetKind, name: string): Integration => {
    const preset = KIND_PRESETS[kind].options
    const own: Partial<IntegrationOptions> = optionsOf?.(kind, name) ?? {}
    const parts = { retry: over(preset.retry, own.retry), breaker: over(preset.breaker, own.breaker) }
    return createIntegration({
      ...(over(preset, own) as object),
      ...parts,
      ...environment,
      name,
      kind,
    } as IntegrationOptions)
  }
  const integration = (kind: PresetKind, name: string): Integration => {
    checkNames(kind, name)
    const key = `${kind} ${name}`
    const one = integrations.get(key) ?? make(kind, name)
    integrations.delete(key)
    integrations.set(key, one)
    if (integrations.size > maxIntegrations) integrations.delete(integrations.keys().next().value as string)
    return one
  }
  const { clock, events, carrier } = environment
  const call = async <T>(
    kind: PresetKind,
    name: string,
    operation: Operation<T>,
    own: GuardedCallOptions<T> = {},
  ): Promise<CallOutcome<T>> =>
    guardedCall(integration(kind, name), operation, {
      ...own,
      ...labelsOf(own, carrier?.getStore()),
      clock: own.clock ?? clock,
      events: own.events ?? events,
    })

  return Object.freeze({
    get size(): number {
      return integrations.size
    },
    integration,
    call,
    operation: <Arguments extends readonly unknown[], T>(
      kind: PresetKind,
      name: string,
      operation: (context: Parameters<Operation<T>>[0], ...args: Arguments) => T | PromiseLike<T>,
      own?: GuardedCallOptions<T>,
    ) => {
      checkNames(kind, name)
      return (...args: Arguments): Promise<CallOutcome<T>> =>
        call(kind, name, (context) => operation(context, ...args), own)
    },
    snapshots: () => [...integrations.values()].map((one) => one.snapshot()),
  })
}

/** `own` over `preset`, one by one; what is no object, such as `false`, in its place. */
function over(preset: unknown, own: unknown): unknown {
  if (own === undefined) return preset
  return own instanceof Object ? withDefaults(preset as never, own) : own
}
