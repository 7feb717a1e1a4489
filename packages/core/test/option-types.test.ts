import { describe, expectTypeOf, it } from 'vitest'
import type * as admission from '../src/admission/index.ts'
import type * as cache from '../src/cache/index.ts'
import type * as chaos from '../src/chaos/index.ts'
import type * as health from '../src/health/index.ts'
import type * as core from '../src/index.ts'
import type * as metrics from '../src/metrics/index.ts'
import type * as presets from '../src/presets/index.ts'
import type * as sessions from '../src/sessions/index.ts'
import type * as testing from '../src/testing/index.ts'

/** The platform's own. */
type Foreign =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | AbortSignal
  | ReadableStream
  | Promise<unknown>
  | Error

/** What core itself makes, given back to it. */
type Own = core.CoreEvent | core.Integration | core.Breaker | health.HealthMonitor

/**
 * The optional members, at any depth, of what somebody gives that refuse an explicit `undefined`, each with its path; what a
 * given function returns is given, too.
 */
type Refusing<Given, Path extends string> = 0 extends 1 & Given
  ? never
  : Given extends Foreign | Own
    ? never
    : Given extends readonly (infer Item)[]
      ? Refusing<Item, `${Path}[]`>
      : Given extends (...args: never) => infer Result
        ? Refusing<Awaited<Result>, `${Path}()`>
        : Given extends object
          ? { [Key in keyof Given & string]-?: RefusingMember<Given, Key, `${Path}.${Key}`> }[keyof Given & string]
          : never

type RefusingMember<Given, Key extends keyof Given, Path extends string> =
  | (object extends Pick<Given, Key> ? (Record<Key, undefined> extends Pick<Given, Key> ? never : Path) : never)
  | Refusing<Required<Given>[Key], Path>

/** One by one: among several, one of unknown type would hide the others. */
type RefusingArgument<Given extends readonly unknown[], Path extends string> = {
  [Index in keyof Given]-?: Refusing<Given[Index], Path>
}[number]

/** The same for what the functions and methods of an object, or of a module, are given. */
type RefusedBy<Owner, Path extends string> = Owner extends Foreign
  ? never
  : {
      [Name in keyof Owner & string]: Owner[Name] extends (...args: infer Given) => unknown
        ? RefusingArgument<Given, `${Path}${Name}`>
        : Owner[Name] extends new (...args: infer Given) => unknown
          ? RefusingArgument<Given, `${Path}${Name}`>
          : never
    }[keyof Owner & string]

/** The same for every function of a module, and for the methods of what it makes. */
type RefusedIn<Module> =
  | RefusedBy<Module, ''>
  | {
      [Name in keyof Module & string]: Module[Name] extends (...args: never) => infer Made
        ? RefusedBy<Awaited<Made>, `${Name}().`>
        : never
    }[keyof Module & string]

/** For the compiler, which names the first of them where there are some. */
type None<Refused extends never> = Refused

describe('the types of options', () => {
  it('take undefined for left out, in everything that a function of the package is given (the compiler holds this)', () => {
    expectTypeOf<None<RefusedIn<typeof core>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof admission>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof cache>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof chaos>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof health>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof metrics>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof presets>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof sessions>>>().toBeNever()
    expectTypeOf<None<RefusedIn<typeof testing>>>().toBeNever()
  })

  it('would be found if one did not', () => {
    interface Part {
      readonly size?: number
      readonly name?: string | undefined
    }
    interface Module {
      make<Kept>(options: {
        readonly part?: Part | false | undefined
        readonly parts: Readonly<Record<string, Part>>
        readonly list: readonly Part[]
        readonly of?: ((kept: Kept) => Part) | undefined
      }): { use(kept: Kept, part?: Part): void }
      readonly Failure: new (part: Part) => Error
    }
    expectTypeOf<RefusedIn<Module>>().toEqualTypeOf<
      | 'make.part.size'
      | `make.parts.${string}.size`
      | 'make.list[].size'
      | 'make.of().size'
      | 'make().use.size'
      | 'Failure.size'
    >()
  })
})
