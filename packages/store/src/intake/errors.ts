import { HoldfastError } from '@holdfast/core'
import { describe } from '../journal/options.ts'

export function invalidOption(option: string, allowed: string, came: unknown): HoldfastError {
  return refused('INVALID_OPTION', `intake.${option} must be ${allowed}, but is ${describe(came)}`)
}

export function invalidEntry(problem: string): HoldfastError {
  return refused('INTAKE_ENTRY_INVALID', problem)
}

export function entryTooLarge(bytes: number, most: number): HoldfastError {
  return refused('INTAKE_ENTRY_TOO_LARGE', `An entry may have ${most} bytes as JSON, but this one has ${bytes}`)
}

/** The same as in the store, wherever it is found out. */
export function keyReused(): HoldfastError {
  return refused('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used before for something else')
}

export function notSetAside(): HoldfastError {
  return refused('INTAKE_ENTRY_UNKNOWN', 'No entry that was set aside has this id')
}

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, category: 'validation', message, retryable: false, mayHaveTakenEffect: false })
}

export function closed(): HoldfastError {
  return new HoldfastError({
    code: 'INTAKE_CLOSED',
    category: 'rejected',
    message: 'The intake is closed',
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

/** Of the part in the store: then the journal takes it. */
export function storeTooSlow(ms: number): HoldfastError {
  return tooSlow(`The store did not take an entry within ${ms} ms`)
}

/** Of the whole. */
export function intakeTooSlow(ms: number): HoldfastError {
  return tooSlow(`Neither the store nor the journal has taken the entry within ${ms} ms: offer it again, with its key`)
}

function tooSlow(message: string): HoldfastError {
  return new HoldfastError({
    code: 'INTAKE_TIMEOUT',
    category: 'timeout',
    message,
    retryable: true,
    mayHaveTakenEffect: true,
  })
}
