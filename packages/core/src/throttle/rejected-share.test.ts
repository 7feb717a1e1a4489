import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rejectedShare } from './rejected-share.ts'

describe('the share that is turned away', () => {
  it.each([
    [100, 50, 0],
    [100, 40, 0.198],
    [100, 0, 0.9901],
    [0, 0, 0],
    [10, 20, 0],
  ])('of %i requests with %i accepted is %f', (requests, accepted, share) => {
    expect(rejectedShare(requests, accepted, 2)).toBeCloseTo(share, 4)
  })

  it('grows with the requests, shrinks with the accepted ones, and is a share', () => {
    const count = fc.nat(100_000)
    fc.assert(
      fc.property(count, count, fc.double({ min: 1, max: 100, noNaN: true }), (requests, accepted, ratio) => {
        const share = rejectedShare(requests, accepted, ratio)
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThan(1)
        expect(rejectedShare(requests + 1, accepted, ratio)).toBeGreaterThanOrEqual(share)
        expect(rejectedShare(requests, accepted + 1, ratio)).toBeLessThanOrEqual(share)
      }),
    )
  })
})
