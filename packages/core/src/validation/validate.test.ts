import { describe, expect, it } from 'vitest'
import { withDefaults } from './defaults.ts'
import {
  aBoolean,
  aFunction,
  aSignal,
  aText,
  numberFrom,
  objectOrFalse,
  objectWith,
  oneOf,
  positiveShare,
  type Rules,
  validate,
  wholeFrom,
} from './validate.ts'

interface Options {
  readonly a?: unknown
}

function refusal(rule: Rules<Options>['a'], a: unknown): string | undefined {
  try {
    validate<Options>('part', { a }, { a: rule })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('checking options', () => {
  it('says which option, what is allowed, and what came', () => {
    expect(refusal(numberFrom(0, 1_000), 2_000)).toBe('part.a must be a number from 0 to 1,000, but is 2000')
    expect(refusal(wholeFrom(0, 9), 1.5)).toBe('part.a must be a whole number from 0 to 9, but is 1.5')
    expect(refusal(positiveShare, 0)).toBe('part.a must be a number above 0 and up to 1, but is 0')
    expect(refusal(oneOf('x', 'y'), 'z')).toBe("part.a must be 'x' or 'y', but is 'z'")
    expect(refusal(aBoolean, 1)).toBe('part.a must be true or false, but is 1')
    expect(refusal(aFunction, null)).toBe('part.a must be a function, but is null')
    expect(refusal(objectWith('now'), { now: 1 })).toBe(
      'part.a must be an object with now, but is an instance of Object',
    )
    expect(refusal(numberFrom(0, 1), '1')).toBe("part.a must be a number from 0 to 1, but is '1'")
    expect(refusal(numberFrom(0, 1), Number.NaN)).toBe('part.a must be a number from 0 to 1, but is NaN')
  })

  it('knows labels and signals', () => {
    for (const text of ['a', 'x'.repeat(200)]) expect(refusal(aText, text)).toBe(undefined)
    expect(refusal(aText, '')).toBe("part.a must be 1 to 200 characters, but is ''")
    expect(refusal(aSignal, new AbortController().signal)).toBe(undefined)
    expect(refusal(aSignal, { aborted: true })).toBe('part.a must be an AbortSignal, but is an instance of Object')
    expect(refusal(oneOf('x', 'y'), 1)).toBe("part.a must be 'x' or 'y', but is 1")
  })

  it('accepts both ends of a range, and takes undefined for left out', () => {
    for (const value of [0, 1_000, undefined]) expect(refusal(numberFrom(0, 1_000), value)).toBe(undefined)
  })

  it('does not repeat a long text, nor the inside of an object', () => {
    expect(refusal(aBoolean, 's'.repeat(100))).toBe('part.a must be true or false, but is a string of 100 characters')
    expect(refusal(aBoolean, { key: 'secret' })).toBe('part.a must be true or false, but is an instance of Object')
  })

  it('refuses keys it does not know, inherited names included', () => {
    const options = { toString: 1 } as unknown as Options
    expect(() => validate<Options>('part', options, { a: aBoolean })).toThrow(/part\.toString is not an option/)
  })

  it('says which options there are, and first those that are like the one that there is not', () => {
    const rules = { name: aText, retry: aBoolean, deadlineMs: aBoolean, attemptTimeoutMs: aBoolean }
    for (const [wrong, names] of [
      ['deadlineMS', 'deadlineMs, name, retry, attemptTimeoutMs'],
      ['timeout', 'attemptTimeoutMs, name, retry, deadlineMs'],
      ['surprise', 'name, retry, deadlineMs, attemptTimeoutMs'],
    ] as const) {
      expect(() => validate<object>('part', { [wrong]: 5 }, rules as Rules<object>)).toThrow(
        `part.${wrong} is not an option; the options are ${names}`,
      )
    }
  })

  it('takes options of a part for what they are, and nothing that was made of them', () => {
    class Part {
      readonly options = {}
    }
    for (const options of [{}, Object.create(null), { constructor: null }]) {
      expect(refusal(objectOrFalse(false), options)).toBe(undefined)
    }
    expect(refusal(objectOrFalse(true), new Part())).toBe(
      'part.a must be an object of options, or false, but is an instance of Part',
    )
    expect(refusal(objectOrFalse(false), false)).toBe('part.a must be an object of options, but is false')
  })

  it('refuses what is no object', () => {
    expect(() => validate<Options>('part', null as unknown as Options, { a: aBoolean })).toThrow(
      'part must be an object of options, but is null',
    )
  })
})

describe('filling in defaults', () => {
  it('leaves zero and false as they are, and replaces undefined (B41)', () => {
    const defaults = { a: 1, b: true, c: 'x' }
    const given = { a: 0, b: false, c: undefined } as unknown as Partial<typeof defaults>
    expect(withDefaults<Partial<typeof defaults>>(defaults, given)).toEqual({ a: 0, b: false, c: 'x' })
  })
})
