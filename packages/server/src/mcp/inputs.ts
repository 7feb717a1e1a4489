import { z } from 'zod'

/** For the tools that change something: what makes a repeated wish one deed. */
export const idempotencyKey: z.ZodOptional<z.ZodString> = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('One per intent. While this server runs, the same key never does it twice: it gives the first result back.')

/** The options of a connector's write. */
export function writeOptions(
  signal: AbortSignal,
  key: string | undefined,
): { signal: AbortSignal; idempotencyKey?: string } {
  return key === undefined ? { signal } : { signal, idempotencyKey: key }
}
