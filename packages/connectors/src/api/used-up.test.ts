import { fakeClock } from '@holdfast/core/testing'
import { expect, it } from 'vitest'
import { createUsedUp } from './used-up.ts'

it('what is used up is told with the time that is left, is there again after it, and is no concern of another key', async () => {
  const clock = fakeClock()
  const usedUp = createUsedUp('CRM', clock)
  usedUp.mark('a', 1_000)
  await clock.advance(400)
  expect(() => usedUp.check('a')).toThrow(
    expect.objectContaining({ code: 'RATE_LIMIT_EXCEEDED', retryAfterMs: 600, mayHaveTakenEffect: false }),
  )
  usedUp.check('b')
  await clock.advance(600)
  usedUp.check('a')
  usedUp.mark('a', 1_000)
  usedUp.mark('a', 0)
  usedUp.check('a')
})
