import fc from 'fast-check'
import { expect, it } from 'vitest'
import { guardLetters } from './automaton.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 })

it('knows after each letter the longest part of the text that ends there, and whether it counts', () => {
  fc.assert(
    fc.property(
      letters,
      letters,
      fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Infinity)), { minLength: 40, maxLength: 40 }),
      (text, read, needs) => {
        const none = needs.map(() => Infinity)
        const cursor = guardLetters(text, { hold: needs, passage: none, canary: none }).cursor()
        for (let end = 1; end <= read.length; end += 1) {
          cursor.next(read.charCodeAt(end - 1))
          let longest = 0
          while (longest < end && text.includes(read.slice(end - longest - 1, end))) longest += 1
          expect(cursor.length).toBe(longest)
          // By hand: some place of the text that ends so many of the letters just read is content with them.
          let counts = false
          for (let at = 0; at < text.length; at += 1) {
            const need = needs[at]!
            if (need <= longest && need <= at + 1 && read.slice(end - need, end) === text.slice(at + 1 - need, at + 1))
              counts = true
          }
          expect(cursor.holds).toBe(counts)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
