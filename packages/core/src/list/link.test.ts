import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Link } from './link.ts'

function items<Item>(list: Link<Item>, way: 'next' | 'previous'): Item[] {
  const found: Item[] = []
  for (let link = list[way]; link !== list; link = link[way]) if (link.item !== undefined) found.push(link.item)
  return found
}

describe('a linked list', () => {
  it('holds what joined and has not left, in the order of joining, read from either end', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (plan) => {
        const list = new Link<number>()
        const links = Array.from({ length: 10 }, (_, index) => new Link(index))
        let expected: number[] = []
        for (const [joins, index] of plan) {
          links[index]?.leave()
          expected = expected.filter((item) => item !== index)
          if (joins) {
            links[index]?.join(list)
            expected.push(index)
          }
          expect(items(list, 'next')).toEqual(expected)
          expect(items(list, 'previous')).toEqual(expected.toReversed())
          expect([list.next.item, list.previous.item]).toEqual([expected[0], expected.at(-1)])
        }
      }),
    )
  })
})
