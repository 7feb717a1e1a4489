import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Due, DueLists } from './due-lists.ts'

const dueAt = (time: number): Due => ({ dueAt: time, previous: undefined, next: undefined })

describe('lists of what is due', () => {
  it('give the earliest first, whatever was put in and taken out before', () => {
    const steps = fc.array(fc.oneof(fc.nat(100), fc.record({ remove: fc.nat(50) })), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (plan) => {
        const lists = new DueLists<Due>()
        const model: Due[] = []
        for (const step of plan) {
          if (typeof step === 'number') {
            const item = dueAt(step)
            lists.add(item)
            model.push(item)
          } else if (model.length > 0) {
            const [item] = model.splice(step.remove % model.length, 1) as [Due]
            lists.remove(item)
            expect(lists.has(item)).toBe(false)
          }
          expect(lists.size).toBe(model.length)
          expect(lists.first?.dueAt ?? Infinity).toBe(Math.min(...model.map(({ dueAt }) => dueAt)))
        }
      }),
    )
  })

  it('take what comes ever earlier, however much of it', () => {
    const lists = new DueLists<Due>()
    for (let time = 100; time > 0; time--) lists.add(dueAt(time))
    const order: number[] = []
    for (let item = lists.first; item !== undefined; item = lists.first) {
      order.push(item.dueAt)
      lists.remove(item)
    }
    expect(order).toEqual(Array.from({ length: 100 }, (_, place) => place + 1))
  })
})
