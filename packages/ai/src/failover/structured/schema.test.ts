import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { misfit } from './schema.ts'
import type { JsonSchema } from './schema.ts'

const schema = z.toJSONSchema(
  z.object({ seats: z.number().int(), tags: z.array(z.enum(['a', 'b'])), at: z.object({ x: z.number() }).optional() }),
  { target: 'draft-7' },
)

describe('a value', () => {
  it('fits a schema or does not, and where it does not is told in the words of the schema', () => {
    expect(misfit({ seats: 4, tags: ['a'] }, schema)).toBeUndefined()
    expect(misfit({ seats: 4, tags: ['a'], at: { x: 1 } }, schema)).toBeUndefined()
    expect(misfit({ seats: '4', tags: [] }, schema)).toBe('#/properties/seats/type')
    expect(misfit({ seats: 4 }, schema)).toBe('#/required')
    expect(misfit({ seats: 4, tags: ['c'] }, schema)).toContain('#/properties/tags/items')
    const surplus = misfit({ seats: 4, tags: [], 'the customer’s words': 1 }, schema)
    expect(surplus).toBe('#/additionalProperties')
  })

  it('is judged by the draft that a schema names', () => {
    // What stands beside a reference counts since 2019.
    const short: JsonSchema = { $ref: '#/definitions/word', definitions: { word: { type: 'string' } }, maxLength: 1 }
    expect(misfit('word', short)).toBeUndefined()
    expect(misfit('word', { ...short, $schema: 'http://json-schema.org/draft-07/schema#' })).toBeUndefined()
    for (const draft of ['2019-09', '2020-12']) {
      const named = { ...short, $schema: `https://json-schema.org/draft/${draft}/schema` }
      expect(misfit('word', named)).toBe('#/maxLength')
    }
  })

  it('follows references, and leaves the schema as it is, though it be frozen', () => {
    const referring: JsonSchema = Object.freeze({
      $ref: '#/definitions/seats',
      definitions: Object.freeze({ seats: Object.freeze({ type: 'number' }) }),
    })
    const before = structuredClone(referring)
    expect(misfit('x', referring)).toBe('#/$ref')
    expect(misfit(1, referring)).toBeUndefined()
    expect(referring).toEqual(before)
    expect(Reflect.ownKeys(referring)).toEqual(Reflect.ownKeys(before))
  })

  it('fits a schema that is broken: that is not the fault of who has answered', () => {
    for (const broken of [
      { type: 'string', pattern: '[' },
      { $ref: '#/definitions/gone' },
      { type: 'string', $ref: 'no uri' },
    ]) {
      expect(misfit('x', broken as JsonSchema)).toBeUndefined()
    }
    expect(misfit('x', undefined)).toBeUndefined()
  })
})
