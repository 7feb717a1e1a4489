import { describe, expect, it } from 'vitest'
import { createRedactor, promptGuard } from '../../src/guardrails/index.ts'
import {
  guardedPrompts,
  injectionMessages,
  leakMessages,
  markedMessages,
  precision,
  recall,
  scoreInjection,
  scoreLeaks,
  scoreRedaction,
  sum,
} from './labelled.ts'

const LEAST = 0.95

describe('on the messages that no rule was made with', () => {
  it('redaction is right, and misses little', () => {
    const score = sum(scoreRedaction('held-out').values())
    expect(score.right).toBeGreaterThan(80)
    expect(precision(score)).toBeGreaterThanOrEqual(LEAST)
    expect(recall(score)).toBeGreaterThanOrEqual(LEAST)
  })

  it('the search for injections is right, and misses little', () => {
    const score = scoreInjection('held-out')
    expect(score.right).toBeGreaterThan(70)
    expect(precision(score)).toBeGreaterThanOrEqual(LEAST)
    expect(recall(score)).toBeGreaterThanOrEqual(LEAST)
  })

  it('the search for injections blocks no question that only sounds like one, also of those written later', () => {
    expect(scoreInjection('later').wrong).toBe(0)
  })

  it('the search for leaks is right, and misses little', () => {
    const score = scoreLeaks('held-out')
    expect(score.right).toBeGreaterThan(35)
    expect(precision(score)).toBeGreaterThanOrEqual(LEAST)
    expect(recall(score)).toBeGreaterThanOrEqual(LEAST)
  })
})

describe('the labelled sets', () => {
  it('are large enough, with as many messages that have nothing to find', () => {
    const marked = markedMessages()
    expect(marked.length).toBeGreaterThanOrEqual(300)
    expect(marked.filter(({ spans }) => spans.length === 0).length).toBeGreaterThan(marked.length * 0.45)
    const injection = [...injectionMessages('tune'), ...injectionMessages('held-out')]
    expect(injection.length).toBeGreaterThanOrEqual(300)
    expect(injection.filter(({ attack }) => !attack).length).toBeGreaterThan(injection.length * 0.45)
    const leaks = [...leakMessages('tune'), ...leakMessages('held-out')]
    expect(leaks.length).toBeGreaterThanOrEqual(150)
    expect(leaks.filter(({ leak }) => !leak).length).toBeGreaterThan(leaks.length * 0.45)
  })
})

describe('a text that comes in pieces', () => {
  it('is redacted as the whole is, wherever it is cut', () => {
    const redactor = createRedactor()
    const different: unknown[] = []
    for (const { text } of markedMessages()) {
      const whole = redactor.redact(text).text
      for (let cut = 0; cut <= text.length; cut += 1) {
        const stream = redactor.stream()
        const out = stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.flush()
        if (out !== whole) different.push({ cut, out, whole })
      }
    }
    expect(different).toEqual([])
  })

  it('lets out as much of a prompt as the whole does, wherever it is cut', () => {
    const guards = Object.fromEntries(
      Object.entries(guardedPrompts()).map(([name, facts]) => [name, promptGuard(facts)]),
    )
    const different: unknown[] = []
    for (const { prompt, text } of [...leakMessages('tune'), ...leakMessages('held-out')]) {
      const whole = guards[prompt]!.watch()
      const expected = whole.push(text) + whole.flush()
      for (let cut = 0; cut <= text.length; cut += 5) {
        const watch = guards[prompt]!.watch()
        const out = watch.push(text.slice(0, cut)) + watch.push(text.slice(cut)) + watch.flush()
        if (out !== expected || watch.leak?.rule !== whole.leak?.rule) different.push({ cut, out, expected })
      }
    }
    expect(different).toEqual([])
  })
})
