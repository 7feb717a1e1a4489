import { describe, expect, it } from 'vitest'
import { faultSchema, type FaultInput } from './fault.ts'
import { Switchboard } from './switchboard.ts'

function board(start = 0): { switchboard: Switchboard; set: (fault: FaultInput) => void; pass: (ms: number) => void } {
  let time = start
  const switchboard = new Switchboard(() => time)
  return {
    switchboard,
    set: (fault) => switchboard.set(faultSchema.parse(fault)),
    pass: (ms) => void (time += ms),
  }
}

function strikes(switchboard: Switchboard, requests: number): number[] {
  return Array.from({ length: requests }, (_, index) => index + 1).filter(
    () => switchboard.strike('n8n', '/webhook/charter-desk') !== undefined,
  )
}

describe('Switchboard', () => {
  it('strikes every request of the service and none of the others', () => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'hang' })
    expect(strikes(switchboard, 3)).toEqual([1, 2, 3])
    expect(switchboard.strike('llm', '/v1/models')).toBeUndefined()
  })

  it('clears itself after the next N requests', () => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'error', next: 2 })
    expect(switchboard.list()).toMatchObject([{ hits: 0, left: 2 }])
    expect(strikes(switchboard, 5)).toEqual([1, 2])
    expect(switchboard.list()).toEqual([])
  })

  it.each([
    [0.25, [4, 8, 12]],
    [0.5, [2, 4, 6, 8, 10, 12]],
    [1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    [0.1, [10]],
  ])('strikes a share of %d evenly', (share, struck) => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'slow', share })
    expect(strikes(switchboard, 12)).toEqual(struck)
  })

  it('counts next among the requests that the share picks', () => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'slow', share: 0.5, next: 2 })
    expect(strikes(switchboard, 10)).toEqual([2, 4])
  })

  it('strikes only the path it is for', () => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'hang', path: '/webhook' })
    expect(switchboard.strike('n8n', '/healthz')).toBeUndefined()
    expect(switchboard.strike('n8n', '/webhook/charter-desk')).toBeDefined()
  })

  it('lets a number of requests through per window, then says how long the window lasts', () => {
    const { switchboard, set, pass } = board(50_000)
    set({ service: 'n8n', fault: 'rate-limit', limit: 2, windowMs: 10_000 })
    expect(strikes(switchboard, 4)).toEqual([3, 4])
    pass(4_000)
    expect(switchboard.strike('n8n', '/')).toMatchObject({ windowEndsInMs: 6_000 })
    pass(6_000)
    expect(strikes(switchboard, 3)).toEqual([3])
  })

  it('strikes only in the down time of a flap', () => {
    const { switchboard, set, pass } = board()
    set({ service: 'n8n', fault: 'flap', upMs: 100, downMs: 50, share: 1 })
    expect(strikes(switchboard, 1)).toEqual([1])
    pass(60)
    expect(strikes(switchboard, 1)).toEqual([])
    pass(100)
    expect(strikes(switchboard, 1)).toEqual([1])
  })

  it.each(['down', 'flap'] as const)('leaves requests alone when the port is closed for %s', (fault) => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault })
    expect(strikes(switchboard, 3)).toEqual([])
    set({ service: 'n8n', fault, next: 1 })
    expect(strikes(switchboard, 3)).toEqual([1])
  })

  it('forgets the counts of the earlier fault when a new one is set', () => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'hang', next: 3 })
    strikes(switchboard, 2)
    set({ service: 'n8n', fault: 'hang', next: 3 })
    expect(strikes(switchboard, 5)).toEqual([1, 2, 3])
  })

  it('clears one service or all', () => {
    const { switchboard, set } = board()
    set({ service: 'n8n', fault: 'hang' })
    set({ service: 'llm', fault: 'hang' })
    set({ service: 'apollo', fault: 'hang' })
    switchboard.clear('llm')
    expect(switchboard.list().map(({ fault }) => fault.service)).toEqual(['n8n', 'apollo'])
    switchboard.clear()
    expect(switchboard.list()).toEqual([])
  })
})
