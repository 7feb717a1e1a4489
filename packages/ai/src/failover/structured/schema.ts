import { Validator } from '@cfworker/json-schema'

/** A JSON schema of any draft. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** By the caller's schema, which is the same object for many requests. */
const validators = new WeakMap<object, Validator>()

/**
 * Where in the schema a value fails it, as a pointer such as `#/properties/seats/type`; `undefined` where it does not. Nothing of the value is in it. A schema that cannot be used
 * (a pattern that is none, a reference to nowhere) is taken for one that allows everything: the fault is not the model's.
 */
export function misfit(value: unknown, schema: JsonSchema | undefined): string | undefined {
  if (schema === undefined) return undefined
  try {
    const { valid, errors } = validatorOf(schema).validate(value)
    // From the outermost to the innermost. Some are named after a key of the value, which is the model's own word.
    return valid ? undefined : (errors.findLast(({ keywordLocation: at }) => isIn(at, schema))?.keywordLocation ?? '#')
  } catch {
    return undefined
  }
}

/** Whether a pointer leads to something in a schema. */
function isIn(pointer: string, schema: unknown): boolean {
  let at: unknown = schema
  for (const step of pointer.split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false
    at = (at as Record<string, unknown>)[key]
  }
  return true
}

function validatorOf(schema: JsonSchema): Validator {
  const known = validators.get(schema)
  if (known !== undefined) return known
  // It writes into what it is given.
  const validator = new Validator(
    structuredClone(schema) as ConstructorParameters<typeof Validator>[0],
    draftOf(schema),
  )
  validators.set(schema, validator)
  return validator
}

function draftOf({ $schema }: JsonSchema): '4' | '7' | '2019-09' | '2020-12' {
  if (typeof $schema !== 'string') return '7'
  if ($schema.includes('2020-12')) return '2020-12'
  if ($schema.includes('2019-09')) return '2019-09'
  return $schema.includes('draft-04') ? '4' : '7'
}
