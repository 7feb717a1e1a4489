import { CATEGORY_RULES, HoldfastError } from '@holdfast/core'
import type { ToolSet } from 'ai'

/** What a model is told of a tool whose service does not work: nothing that a customer should not read. */
const UNAVAILABLE = 'This is not available at the moment. Do not guess what it would have found.'

/** Its text goes to the model, and from there perhaps to a customer: so it prints without a class name. */
class ToolFailure extends Error {
  override readonly name = ''
}

/** Watches the tools of one answer, and tells whether it can still become a good one. */
export class ToolWatch {
  readonly #tookEffect: () => boolean
  #brought: boolean = false
  #unavailable: HoldfastError | undefined
  #unconfirmed: HoldfastError | undefined

  constructor(tookEffect: () => boolean) {
    this.#tookEffect = tookEffect
  }

  /**
   * Why the answer cannot be given: a tool may have done something without confirming it; or the service behind a tool does not
   * work, and no other tool has brought anything.
   */
  get failure(): HoldfastError | undefined {
    return this.#unconfirmed ?? (this.#brought ? undefined : this.#unavailable)
  }

  /** The same tools, watched. */
  watched(tools: ToolSet): ToolSet {
    return Object.fromEntries(
      Object.entries(tools).map(([name, tool]) => {
        const { execute } = tool
        if (execute === undefined) return [name, tool]
        const run = async (...given: Parameters<typeof execute>): Promise<unknown> => {
          try {
            const result: unknown = await execute.apply(tool, given)
            this.#brought = true
            return result
          } catch (error) {
            throw this.#failed(error)
          }
        }
        return [name, { ...tool, execute: run }]
      }),
    )
  }

  #failed(error: unknown): Error {
    if (!HoldfastError.isInstance(error)) {
      return new ToolFailure(error instanceof Error ? error.message : 'This could not be done.', { cause: error })
    }
    const unconfirmed = error.mayHaveTakenEffect && this.#tookEffect()
    if (unconfirmed) this.#unconfirmed ??= error
    if (!unconfirmed && !isUnavailable(error)) return new ToolFailure(error.message, { cause: error })
    this.#unavailable ??= error
    return new ToolFailure(UNAVAILABLE, { cause: error })
  }
}

/** Whether another way to an answer may do better; a wrong input is for the model to correct. */
function isUnavailable({ category }: HoldfastError): boolean {
  return (CATEGORY_RULES[category] ?? CATEGORY_RULES.unknown).fallback
}
