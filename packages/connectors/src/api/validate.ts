import { HoldfastError } from '@holdfast/core'
import type { z } from 'zod'

/**
 * Checks what goes out before it goes out.
 * @throws HoldfastError `INVALID_INPUT`; the message lists each field with what is allowed, never its value.
 */
export function checkInput<Schema extends z.ZodType>(
  service: string,
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw new HoldfastError({
    code: 'INVALID_INPUT',
    category: 'validation',
    message: `${service}: ${issues(result.error)}`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/**
 * Checks what came in. Unknown fields are let through by the schemas; what we use must be right.
 * @throws HoldfastError `MALFORMED_REPLY`; the message names the fields, never their values.
 */
export function checkReply<Schema extends z.ZodType>(
  service: string,
  schema: Schema,
  reply: unknown,
): z.output<Schema> {
  const result = schema.safeParse(reply)
  if (result.success) return result.data
  throw new HoldfastError({
    code: 'MALFORMED_REPLY',
    category: 'malformed',
    message: `${service} answered in a shape that is not the documented one: ${issues(result.error)}`,
    retryable: true,
  })
}

function issues(error: z.ZodError): string {
  return error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.length === 0 ? 'input' : issue.path.join('.')}: ${issue.message}`)
    .join('; ')
}
