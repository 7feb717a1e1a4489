import { HoldfastError } from '../errors/holdfast-error.ts'
import { Item } from './memory.ts'
import type { Dated } from './tag-marks.ts'

/** A failure that is given to all who ask. */
export class Failure extends Item<unknown> implements Dated {
  readonly until: number
  readonly tags: readonly string[]
  readonly version: number

  constructor(id: string, error: unknown, until: number, { tags, version }: Dated) {
    super(id, error)
    this.until = until
    this.tags = tags
    this.version = version
  }

  /** A new error each time, with the failure as its cause. */
  toError(now: number): HoldfastError {
    return new HoldfastError({
      code: 'REMEMBERED_FAILURE',
      category: 'rejected',
      message: 'failed a moment ago and is not tried again yet',
      retryable: true,
      retryAfterMs: this.until - now,
      mayHaveTakenEffect: false,
      cause: this.value,
      stack: false,
    })
  }
}
