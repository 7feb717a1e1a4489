import { describe, expect, it } from 'vitest'
import { createAnswersUnderWay, URGENT_ANSWERS } from './under-way.ts'

const refusal = (code: string): unknown => expect.objectContaining({ code })

describe('the answers under way', () => {
  it('lets what is urgent begin when there are as many as may be, up to a bound of its own', () => {
    const answers = createAnswersUnderWay(2)
    answers.begin()
    const second = answers.begin()
    expect(() => answers.begin()).toThrow(refusal('overloaded'))
    expect(() => answers.begin(() => undefined)).toThrow(refusal('overloaded'))
    for (let count = 0; count < URGENT_ANSWERS; count += 1) answers.begin(() => true)
    expect(answers.count).toBe(2 + URGENT_ANSWERS)
    expect(() => answers.begin(() => true)).toThrow(refusal('overloaded'))
    second.end()
    answers.begin(() => true)
    expect(() => answers.begin()).toThrow(refusal('overloaded'))
  })

  it('does not ask whether something is urgent while there is room', () => {
    const answers = createAnswersUnderWay(1)
    answers.begin(() => {
      throw new Error('it was asked')
    })
    expect(answers.count).toBe(1)
  })

  it('lets nothing begin once it is to stop, however urgent', async () => {
    const answers = createAnswersUnderWay(1)
    await answers.stop(0)
    expect(() => answers.begin(() => true)).toThrow(refusal('shutting_down'))
  })
})
