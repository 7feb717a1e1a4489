import type { ApiCallOptions } from '../api/options.ts'
import { createWriteMemory } from './write-memory.ts'
import type { WriteMemory } from './write-memory.ts'

/** The writes of one connector. */
export interface WriteRegistry {
  /** Makes a write as {@link WriteMemory.once} does; without an idempotency key, each time. */
  once<T>(call: ApiCallOptions, input: unknown, make: () => Promise<T>): Promise<T>
}

/**
 * Makes a {@link WriteRegistry}.
 * @param memory Default: one of its own, in this process.
 * @param repeatableForMs how long the service knows a key itself, in ms. Default: not at all.
 */
export function createWriteRegistry(
  service: string,
  memory: WriteMemory = createWriteMemory(),
  repeatableForMs?: number,
): WriteRegistry {
  return {
    once({ idempotencyKey: key, signal }, input, make) {
      return key === undefined ? make() : memory.once({ service, key, input, signal, repeatableForMs }, make)
    },
  }
}
