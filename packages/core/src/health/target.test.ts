import { describe, expect, it } from 'vitest'
import type { HealthStatus } from '../integration/integration.ts'
import { fuse, type Signs } from './target.ts'

const QUIET: Signs = { passive: 'healthy', circuit: 'closed', passedInARow: 0, failedInARow: 0, isServing: false }

/** Each row: what the traffic says, failed checks in a row, whether calls succeed meanwhile; and what comes of it. */
const TABLE: readonly [HealthStatus, number, boolean, string][] = [
  ['healthy', 0, false, 'healthy recovered'],
  ['healthy', 0, true, 'healthy recovered'],
  ['healthy', 1, false, 'degraded checks'],
  ['healthy', 1, true, 'degraded checks'],
  ['healthy', 2, false, 'critical checks'],
  ['healthy', 2, true, 'degraded checks'],
  ['healthy', 9, true, 'degraded checks'],
  ['degraded', 0, true, 'degraded traffic'],
  ['degraded', 1, true, 'degraded traffic'],
  ['degraded', 2, true, 'critical checks'],
  ['critical', 0, true, 'critical traffic'],
  ['critical', 2, false, 'critical traffic'],
]

describe('traffic and checks together', () => {
  it.each(TABLE)(
    'traffic %s, %i failed checks, calls succeeding %s: %s',
    (passive, failedInARow, isServing, expected) => {
      const { status, reason } = fuse({ ...QUIET, passive, failedInARow, isServing }, 2)
      expect(`${status} ${reason}`).toBe(expected)
    },
  )

  it('let a half-open circuit be tried after enough checks have passed', () => {
    const halfOpen: Signs = { ...QUIET, passive: 'critical', circuit: 'half-open' }
    expect(fuse({ ...halfOpen, passedInARow: 1 }, 2).status).toBe('critical')
    expect(fuse({ ...halfOpen, passedInARow: 2 }, 2)).toEqual({ status: 'degraded', reason: 'checks' })
  })

  it.each(['open', 'isolated'] as const)('leave an integration critical while its circuit is %s', (circuit) => {
    expect(fuse({ ...QUIET, passive: 'critical', circuit, passedInARow: 99 }, 2).status).toBe('critical')
  })
})
