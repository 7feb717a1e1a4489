import { fakeClock } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { createSessions } from './sessions.ts'

function make(limits: { maxSessions?: number; sessionIdleMs?: number; maxSessionMessages?: number } = {}) {
  const clock = fakeClock()
  const sessions = createSessions({ maxSessions: 3, sessionIdleMs: 1_000, maxSessionMessages: 4, ...limits, clock })
  return { clock, sessions }
}

describe('sessions', () => {
  it('keep the last messages of a conversation', () => {
    const { sessions } = make()
    const session = sessions.open('t', 'a', 'one')
    for (const n of [1, 2, 3]) sessions.add(session, `q${n}`, `a${n}`)
    expect(sessions.open('t', 'a', 'one').messages.map(({ text }) => text)).toEqual(['q2', 'a2', 'q3', 'a3'])
  })

  it('are told apart by tenant, assistant and id, also where the parts run together', () => {
    const { sessions } = make({ maxSessions: 10 })
    const inner = [
      ['t', 'a', 'x'],
      ['u', 'a', 'x'],
      ['t', 'b', 'x'],
      ['t', 'a', 'y'],
      ['t","a', 'x', 'x'],
    ].map(([tenant, assistant, id]) => sessions.open(tenant ?? '', assistant ?? '', id).innerId)
    expect(new Set(inner).size).toBe(5)
  })

  it('get an id of their own when none is given', () => {
    const { sessions } = make()
    expect(sessions.open('t', 'a', undefined).id).not.toBe(sessions.open('t', 'a', undefined).id)
  })

  it('are forgotten after a time without a message', async () => {
    const { sessions, clock } = make()
    const session = sessions.open('t', 'a', 'one')
    sessions.add(session, 'q', 'a')
    await clock.advance(900)
    expect(sessions.open('t', 'a', 'one').messages).toHaveLength(2)
    await clock.advance(1_000)
    expect(sessions.size).toBe(0)
    expect(sessions.open('t', 'a', 'one').messages).toEqual([])
  })

  it('are bounded in number: the least recently used goes first', async () => {
    const { sessions, clock } = make()
    for (const id of ['one', 'two', 'three']) {
      sessions.add(sessions.open('t', 'a', id), 'q', 'a')
      await clock.advance(1)
    }
    sessions.open('t', 'a', 'one')
    sessions.open('t', 'a', 'four')
    expect(sessions.size).toBe(3)
    expect(sessions.open('t', 'a', 'one').messages).toHaveLength(2)
    expect(sessions.open('t', 'a', 'two').messages).toEqual([])
  })

  it('do not come back by an answer that arrives after they were forgotten', async () => {
    const { sessions, clock } = make()
    const session = sessions.open('t', 'a', 'one')
    await clock.advance(2_000)
    sessions.open('t', 'a', 'other')
    sessions.add(session, 'q', 'a')
    expect(sessions.size).toBe(1)
  })
})
