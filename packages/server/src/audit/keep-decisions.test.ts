import type { GuardrailDecided } from '@holdfast/ai/guardrails'
import { describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { createDecisionKeeper } from './keep-decisions.ts'

const decided = (more: Partial<GuardrailDecided> = {}): GuardrailDecided => ({
  type: 'guardrail-decided',
  at: 0,
  guardrail: 'helpdesk',
  tenant: 'acme',
  requestId: 'r-1',
  direction: 'output',
  rule: 'claim',
  action: 'blocked',
  kind: 'names-a-price',
  count: 1,
  ...more,
})

function setUp() {
  const kept: unknown[][] = []
  const open: (() => void)[] = []
  const log = fakeLog()
  const keeper = createDecisionKeeper((...entry) => {
    kept.push(entry)
    return new Promise((resolve) => void open.push(resolve))
  }, log)
  /** Lets everything be kept that is under way, and what comes after it. */
  const finish = async (): Promise<void> => {
    while (open.length > 0) {
      for (const resolve of open.splice(0)) resolve()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { keeper, kept, log, finish }
}

describe('the decisions of guardrails', () => {
  it('are entries of the tenant, with what was decided, and in which request', async () => {
    const { keeper, kept, finish } = setUp()
    keeper.observe(decided())
    keeper.observe({ type: 'answer-started', at: 0, assistant: 'helpdesk', requestId: 'r-1', tenant: 'acme' })
    expect(kept).toEqual([
      [
        { tenant: 'acme' },
        {
          action: 'guardrail-blocked',
          target: 'guardrail:helpdesk',
          actor: 'guardrail',
          details: { direction: 'output', rule: 'claim', kind: 'names-a-price', count: 1, requestId: 'r-1' },
        },
      ],
    ])
    let isSettled = false
    const settled = keeper.settled().then(() => (isSettled = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isSettled).toBe(false)
    await finish()
    await settled
  })

  it('are counted together by their kind while more are under way than may be, and none is lost', async () => {
    const { keeper, kept, log, finish } = setUp()
    for (let count = 0; count < 500; count += 1) keeper.observe(decided({ rule: count % 2 === 0 ? 'claim' : 'html' }))
    expect(kept).toHaveLength(50)
    await finish()
    await keeper.settled()
    expect(kept).toHaveLength(52)
    const counts = kept.map(([, entry]) => (entry as { details: { count: number } }).details.count)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(500)
    expect(kept.at(-1)).toMatchObject([{}, { details: expect.not.objectContaining({ requestId: 'r-1' }) }])
    expect(log.lines).toEqual([])
  })

  it('are said in the log where too many kinds wait', async () => {
    const { keeper, log, finish } = setUp()
    for (let count = 0; count < 1_051; count += 1) keeper.observe(decided({ tenant: `t-${count}` }))
    expect(log.lines.map(({ level }) => level)).toEqual(['error'])
    await finish()
  })
})
