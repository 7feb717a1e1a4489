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

  it('shows attempts only when debugging', () => {
    const log = fakeLog()
    logEvent(log, { type: 'attempt-started', at: 0, integration: 'n8n', attempt: 1 })
    expect(log.lines[0]?.level).toBe('debug')
  })
})
