import { describe, expect, it } from 'vitest'
import { AppendedTopics, readTopic } from './signs.ts'
import type { SignedTopic } from './signs.ts'

function sentOf(texts: readonly string[]): readonly (readonly SignedTopic[] | undefined)[] {
  const sent: (readonly SignedTopic[] | undefined)[] = []
  const appended = new AppendedTopics()
  for (const text of texts) appended.add(text)
  appended.sendBy({ send: (topics) => sent.push(topics) })
  return sent
}

const told = (many: number): readonly string[] =>
  Array.from({ length: many }, (_, n) => JSON.stringify(['acme', `t:${n}`]))

describe('the topics that a transaction has appended to', () => {
  it('are sent once each, however many events there were', () => {
    expect(sentOf([...told(2), ...told(2)])).toEqual([
      [
        { tenant: 'acme', topic: 't:0' },
        { tenant: 'acme', topic: 't:1' },
      ],
    ])
  })

  it('are no reason to send anything where there are none', () => {
    expect(sentOf([])).toEqual([])
    expect(sentOf(['nonsense'])).toEqual([])
  })

  it('are sent up to a thousand; beyond that all have to look', () => {
    expect(sentOf(told(1_000))[0]).toHaveLength(1_000)
    expect(sentOf(told(1_001))).toEqual([undefined])
    expect(sentOf(told(5_000))).toEqual([undefined])
  })
})

describe('a topic that is told', () => {
  it('is read', () => {
    expect(readTopic('["acme","request:7"]')).toEqual({ tenant: 'acme', topic: 'request:7' })
  })

  it.each(['', 'x', '{}', 'null', '["acme"]', '["acme",7]', '[7,"request:7"]'])('is none in %j', (text) => {
    expect(readTopic(text)).toBeUndefined()
  })
})
