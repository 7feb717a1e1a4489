import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Due, DueHeap } from './due-heap.ts'

describe('a heap of what is due', () => {
  it('gives the earliest first, whatever was put in and taken out before', () => {
    const steps = fc.array(fc.oneof(fc.nat(100), fc.record({ remove: fc.nat(50) })), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (plan) => {
        const heap = new DueHeap<Due>()
        const model: Due[] = []
        for (const step of plan) {
          if (typeof step === 'number') {
            const item = { dueAt: step, place: -1 }
            heap.add(item)
            model.push(item)
          } else if (model.length > 0) {
            const [item] = model.splice(step.remove % model.length, 1) as [Due]
            heap.remove(item)
            expect(item.place).toBe(-1)
          }
          expect(heap.size).toBe(model.length)
          expect(heap.first?.dueAt ?? Infinity).toBe(Math.min(...model.map(({ dueAt }) => dueAt)))
        }
      }),
    )
  })
})
