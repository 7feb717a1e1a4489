import { fakeClock } from '@holdfast/core/testing'
import { expect, it } from 'vitest'
import { createUsedUp } from './used-up.ts'

it('what is used up is told with the time that is left, and is there again after it', async () => {
  const clock = fakeClock()
  const usedUp = createUsedUp('CRM', clock)
  usedUp.check()
  usedUp.mark(1_000)
  await clock.advance(400)
  expect(() => usedUp.check()).toThrow(
    expect.objectContaining({ code: 'RATE_LIMIT_EXCEEDED', retryAfterMs: 600, mayHaveTakenEffect: false }),
  )
  await clock.advance(600)
  usedUp.check()
})
