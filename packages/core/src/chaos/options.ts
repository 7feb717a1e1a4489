import type { Environment } from '../integration/integration.ts'
import type { AttemptContext } from '../policy/operation.ts'
import {
  aBoolean,
  aFunction,
  aName,
  check,
  ENVIRONMENT_RULES,
  invalidOption,
  numberFrom,
  objectOrFalse,
  oneOf,
  type Rule,
  validate,
} from '../validation/validate.ts'

/** When a fault strikes: at every attempt for which all of it holds. */
interface Strike {
  /** Share of the attempts, 0 to 1. Default: 1. */
  readonly rate?: number | undefined
  /** From so many ms after it was switched on. Default: 0. */
  readonly fromMs?: number | undefined
  /** Until so many ms after it was switched on. Default: `Infinity`. */
  readonly untilMs?: number | undefined
  /** Only attempts for which this says true. */
  readonly when?: ((context: AttemptContext) => boolean) | undefined
}

/**
 * What goes wrong.
 *
 * - `fault`: the operation is not made; this error comes instead (a function is called for each one).
 * - `latency`: the operation is made so many ms later.
 * - `hang`: nothing comes back, until the attempt is aborted; with `ignoresSignal`, not even then.
 * - `result`: the operation is not made; this value comes instead.
 * - `behaviour`: this is run, and waited for, before the operation is made.
 */
export type ChaosFault = Strike &
  (
    | { readonly inject: 'fault'; readonly error: unknown }
    | { readonly inject: 'latency'; readonly latencyMs: number }
    | { readonly inject: 'hang'; readonly ignoresSignal?: boolean | undefined }
    | { readonly inject: 'result'; readonly value: unknown }
    | { readonly inject: 'behaviour'; readonly run: (context: AttemptContext) => unknown }
  )

/** What is rehearsed. */
export interface ChaosOptions extends Environment {
  /** In events. 1 to 64 characters: lower-case letters, digits, `-`. Default: `chaos`. */
  readonly name?: string | undefined
  /** In this order; several may strike one attempt, until one of them gives its result. */
  readonly faults: readonly ChaosFault[]
  /** Whether it is switched on from the start. Default: false. */
  readonly enabled?: boolean | undefined
}

const anything: Rule = { allowed: 'anything', accepts: () => true }

const STRIKE = {
  inject: oneOf('fault', 'latency', 'hang', 'result', 'behaviour'),
  rate: numberFrom(0, 1),
  fromMs: numberFrom(0, Infinity),
  untilMs: numberFrom(0, Infinity),
  when: aFunction,
}

const FAULT_RULES: Readonly<Record<ChaosFault['inject'], Readonly<Record<string, Rule>>>> = {
  fault: { error: anything },
  latency: { latencyMs: numberFrom(0, 86_400_000) },
  hang: { ignoresSignal: aBoolean },
  result: { value: anything },
  behaviour: { run: aFunction },
}

const NEEDED: Readonly<Record<ChaosFault['inject'], string | undefined>> = {
  fault: 'error',
  latency: 'latencyMs',
  hang: undefined,
  result: 'value',
  behaviour: 'run',
}

/** @throws HoldfastError `INVALID_OPTION` */
export function checkChaosOptions(options: ChaosOptions): void {
  const list: Rule = { allowed: 'a list of faults', accepts: (value) => Array.isArray(value) }
  validate('chaos', options, { name: aName, faults: list, enabled: aBoolean, ...ENVIRONMENT_RULES })
  if (!list.accepts(options.faults)) throw invalidOption('chaos.faults', list.allowed, options.faults)
  for (const [index, fault] of options.faults.entries()) {
    const owner = `chaos.faults[${index}]`
    check(owner, fault, objectOrFalse(false))
    if (!STRIKE.inject.accepts(fault.inject))
      throw invalidOption(`${owner}.inject`, STRIKE.inject.allowed, fault.inject)
    const own = FAULT_RULES[fault.inject]
    validate<object>(owner, fault, { ...STRIKE, ...own })
    const needed = NEEDED[fault.inject]
    if (needed !== undefined && !(needed in fault))
      throw invalidOption(`${owner}.${needed}`, own[needed]?.allowed ?? '', undefined)
  }
}
