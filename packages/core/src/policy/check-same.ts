import { invalidOption } from '../validation/validate.ts'

/**
 * Refuses a policy that has another clock or randomness than what it is put into: neither would understand the other's times.
 * @param own the policy's, where it has one and shows it.
 * @throws HoldfastError `INVALID_OPTION`
 */
export function checkSame(option: string, own: unknown, around: unknown): void {
  if (own !== undefined && own !== around) throw invalidOption(option, 'the same as around it', own)
}
