import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage, writeMessage } from './message.ts'

describe('a message of signs', () => {
  it('is read as it was written', () => {
    const topic = fc.record({ tenant: fc.string(), topic: fc.string() })
    const topics = fc.option(fc.array(topic, { maxLength: 20 }), { nil: undefined })
    fc.assert(
      fc.property(fc.record({ from: fc.string(), topics }), (message) => {
        expect(readMessage(writeMessage(message))).toEqual(message)
      }),
    )
  })

  it.each([
    '',
    'x',
    'null',
    '{}',
    '[]',
    '[7,null]',
    '["a"]',
    '["a",7]',
    '["a",[7]]',
    '["a",[["acme"]]]',
    '["a",[["acme",7]]]',
    '["a",[["acme","t"],null]]',
    `["a",[["acme","${'t'.repeat(2_000_000)}"]]]`,
  ])('is none of this: %.40s', (text) => {
    expect(readMessage(text)).toBeUndefined()
  })
})
