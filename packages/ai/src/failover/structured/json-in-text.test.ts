import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonIn } from './json-in-text.ts'

/** What models write around JSON, and the values that are found in it. */
const written: readonly (readonly [string, readonly unknown[]])[] = [
  ['{"seats":4}', [{ seats: 4 }]],
  [' \n[1, 2]\n', [[1, 2]]],
  ['"a word"', ['a word']],
  ['null', [null]],
  ['\uFEFF{"seats":4}', [{ seats: 4 }]],
  ['```json\n{"seats":4}\n```', [{ seats: 4 }]],
  ['```\n{"seats":4}\n```\n', [{ seats: 4 }]],
  ['```JSON {"seats":4}```', [{ seats: 4 }]],
  ['```json{"seats":4}```', [{ seats: 4 }]],
  ['```json\n"a word"\n```', ['a word']],
  ['Here you are:\n```json\n{"seats":4}\n```\nIs that right?', [{ seats: 4 }]],
  ['Here you are: {"seats":4}', [{ seats: 4 }]],
  ['{"seats":4}\nI hope this helps; it\'s what you\'ve asked for, "I think".', [{ seats: 4 }]],
  ['Fill {name} in: {"name":"x"}', [{ name: 'x' }]],
  ['As said [1], {"a":{"b":[1,{"c":"}"}]}}.', [[1], { a: { b: [1, { c: '}' }] } }]],
  ['{"a":1} or {"a":2}', [{ a: 1 }, { a: 2 }]],
  ['{"said":"she said \\"{\\" and left"} there', [{ said: 'she said "{" and left' }]],
  ['I cannot do that.', []],
  ['', []],
  ['{"seats":4', []],
  ['{"a":{"b":1}', []],
  ['Here: [{"a":1},{"a":2}', []],
  ['{"a":1} and {"a":', []],
  ["{'seats': 4}", []],
  ['{"seats":4,}', []],
  ['```json\n{"seats":', []],
]

describe('the JSON in a text', () => {
  for (const [text, values] of written) {
    it(`is ${JSON.stringify(values)} in ${JSON.stringify(text)}`, () => {
      expect(jsonIn(text).map(({ value }) => value)).toEqual(values)
    })
  }

  const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()))
  const prose = fc.stringMatching(/^[^{}[\]]*$/)

  it('is found as it is, whatever is said before it and after it', () => {
    fc.assert(
      fc.property(value, prose, prose, fc.boolean(), (json, before, after, fenced) => {
        const text = JSON.stringify(json, null, 2)
        const [found, ...more] = jsonIn(before + (fenced ? `\n\`\`\`json\n${text}\n\`\`\`\n` : text) + after)
        expect(more).toEqual([])
        expect(found?.value).toEqual(JSON.parse(text))
        expect(JSON.parse(found!.text)).toEqual(found?.value)
      }),
    )
  })

  it('is nothing in one that was cut, wherever it was', () => {
    fc.assert(
      fc.property(value, prose, fc.nat(), (json, before, at) => {
        const text = JSON.stringify(json)
        const cut = `${before} ${text.slice(0, 1 + (at % (text.length - 1)))}`
        // What is said before may open a quotation that the first key closes: `" {"` is a string, and whole.
        fc.pre(!cut.trim().startsWith('"'))
        expect(jsonIn(cut)).toEqual([])
      }),
    )
  })

  it('is nobody’s where there are too many to be an answer', () => {
    expect(jsonIn(`See: ${'[1]'.repeat(64)}`)).toHaveLength(64)
    expect(jsonIn(`See: ${'[1]'.repeat(65)}`)).toEqual([])
  })

  it('is looked for in a mebibyte of anything in a time that grows with it, and no faster', () => {
    const took = (text: string): number => {
      const begun = performance.now()
      jsonIn(text)
      return performance.now() - begun
    }
    for (const piece of [' ', '```\n', '{', '[1]', '"', '\\', '{"a":"']) {
      expect(took(`\`\`\`${piece.repeat(1_048_576 / piece.length)}\`\`\``), piece).toBeLessThan(2_000)
    }
  })
})
