import { describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import { logEvent } from './event-log.ts'
import { createLog } from './log.ts'
import { createRedact } from './redact.ts'

describe('the log', () => {
  const lines = (pretty: boolean, fields: Record<string, unknown>) => {
    const written: string[] = []
    const redact = createRedact(['sk-secret', 'with"quote'])
    const log = createLog({ level: 'info', redact, sink: { write: (line) => written.push(line) }, pretty })
    log.info(fields, 'said')
    log.debug({}, 'not said')
    return written
  }

  it('writes JSON lines, and none below its level', () => {
    const [line, ...more] = lines(false, { n: 1 })
    expect(JSON.parse(line ?? '')).toMatchObject({ level: 'info', msg: 'said', n: 1, time: expect.any(String) })
    expect(more).toEqual([])
  })

  it('writes short lines for a terminal', () => {
    expect(lines(true, { tier: 'n8n', durationMs: 5 })[0]).toMatch(
      /^\d\d:\d\d:\d\d INFO {2}said {2}tier=n8n durationMs=5\n$/,
    )
  })

  it('writes durations in whole milliseconds', () => {
    const [line] = lines(false, { durationMs: 12.345, openMs: 5000.6, share: 0.25 })
    expect(JSON.parse(line ?? '')).toMatchObject({ durationMs: 12, openMs: 5001, share: 0.25 })
  })

  it.each([true, false])('lets no personal data and no key of a provider through (pretty: %s)', (pretty) => {
    const error = new Error('for anna@example.com')
    const text = lines(pretty, {
      error: 'card 4242 4242 4242 4242',
      deep: [{ password: 'x1', note: error }],
      n: 3,
    }).join()
    expect(text).not.toMatch(/anna@|4242|x1/)
    expect(text).toMatch(/\[email\].*n.?[=:]3/s)
    const written: string[] = []
    const log = createLog({
      level: 'info',
      redact: (line) => line,
      sink: { write: (line) => written.push(line) },
      pretty,
    })
    log.info({}, `key ghp_${'a1B2'.repeat(9)}\nanna@example.com`)
    expect(written.join()).not.toMatch(/ghp_|anna/)
  })

  it.each([true, false])('lets no secret through, wherever it stands (pretty: %s)', (pretty) => {
    const text = lines(pretty, { error: 'key sk-secret refused', deep: { 'sk-secret': ['with"quote'] } }).join()
    expect(text).not.toMatch(/sk-secret|with\\?"quote/)
    expect(text).toContain('[secret]')
  })
})

describe('the log of events', () => {
  it('warns of a circuit that opens', () => {
    const log = fakeLog()
    logEvent(log, {
      type: 'circuit-opened',
      at: 0,
      integration: 'n8n',
      from: 'closed',
      to: 'open',
      reason: 'failures',
      openMs: 5,
    })
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'circuit opened',
        fields: expect.objectContaining({ integration: 'n8n', reason: 'failures' }),
      },
    ])
  })

  const answer = { at: 0, assistant: 'desk', requestId: 'r-1', tenant: 'default', tier: 'n8n' }

  it.each([
    ['tier-failed', 'auth', 'warn'],
    ['tier-failed', 'quota', 'warn'],
    ['tier-failed', 'configuration', 'warn'],
    ['tier-failed', 'server', 'info'],
    ['tier-skipped', 'rejected', 'info'],
  ] as const)('tells of %s with its category %s at the level %s', (type, category, level) => {
    const log = fakeLog()
    logEvent(log, { ...answer, type, code: 'X', category, durationMs: 1 })
    expect(log.lines).toMatchObject([{ level, fields: { event: type, assistant: 'desk', tier: 'n8n', category } }])
  })

  it.each([
    ['blocked', 'warn'],
    ['redacted', 'info'],
  ] as const)('tells of a guardrail that has %s something at the level %s', (action, level) => {
    const log = fakeLog()
    const decision = {
      guardrail: 'desk',
      tenant: 'default',
      direction: 'output',
      rule: 'html',
      action,
      count: 2,
    } as const
    logEvent(log, { type: 'guardrail-decided', at: 0, ...decision })
    expect(log.lines).toMatchObject([{ level, fields: { event: 'guardrail-decided', ...decision } }])
  })

  it.each([
    ['budget-soft-reached', 'a budget has reached its soft limit'],
    ['budget-exceeded', 'a budget has no more room; models that it pays for are not asked'],
  ] as const)('warns of %s, with whose it is', (type, message) => {
    const log = fakeLog()
    const reported = { at: 0, budget: 'each', unit: 'cost', used: 0.1 + 0.2, limit: 0.25 } as const
    logEvent(log, { ...reported, type, of: { tenant: 'acme', credential: 'eu' } })
    const fields = {
      event: type,
      budget: 'each',
      who: 'tenant acme, credential eu',
      unit: 'cost',
      used: 0.3,
      limit: 0.25,
    }
    expect(log.lines).toEqual([{ level: 'warn', message, fields }])
  })

  it('raises no alarm for each question that a budget keeps from a model', () => {
    const log = fakeLog()
    const failed = { at: 0, assistant: 'desk-models', requestId: 'r-1', tenant: 'default', durationMs: 1 } as const
    logEvent(log, { ...failed, type: 'answer-failed', code: 'BUDGET_EXCEEDED', category: 'rejected' })
    logEvent(log, { ...failed, type: 'answer-failed', code: 'ALL_TIERS_FAILED', category: 'exhausted' })
    expect(log.lines.map(({ level }) => level)).toEqual(['info', 'error'])
  })

  it('tells whose slow tier got company', () => {
    const log = fakeLog()
    logEvent(log, { ...answer, type: 'tier-hedged', next: 'direct', afterMs: 1_500 })
    const fields = {
      event: 'tier-hedged',
      requestId: 'r-1',
      assistant: 'desk',
      tier: 'n8n',
      next: 'direct',
      afterMs: 1_500,
    }
    expect(log.lines).toMatchObject([{ level: 'info', fields }])
  })

  it('shows attempts only when debugging', () => {
    const log = fakeLog()
    logEvent(log, { type: 'attempt-started', at: 0, integration: 'n8n', attempt: 1 })
    expect(log.lines[0]?.level).toBe('debug')
  })
})
