import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Joint } from './joint.ts'
import type { Fit } from './joint.ts'

const answer =
  'Four aircraft can take you from Teterboro to Miami on Friday. The Citation XLS is the cheapest: it seats eight, and takes three hours. ' +
  'The Gulfstream is the fastest; it needs two hours and forty minutes.\n\n- Citation XLS: 18,500 dollars\n- Gulfstream G280: 31,000 dollars'

/** What comes of a continuation in pieces. */
function fit(delivered: string, pieces: readonly string[]): { text: string | undefined; after: number } {
  const joint = new Joint(delivered)
  let found: Fit = 'more'
  let after = 0
  let rest = ''
  for (const [index, piece] of pieces.entries()) {
    if (typeof found === 'object') rest += piece
    else if (found === 'more') {
      found = joint.push(piece)
      after = index + 1
    }
  }
  if (found === 'more') found = joint.end()
  return { text: typeof found === 'object' ? delivered + found.rest + rest : undefined, after }
}

function piecesOf(text: string, size: number): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
}

const cuts = Array.from({ length: answer.length }, (_, index) => index + 1)

describe('a joint', () => {
  it('gives the whole answer at every cut, when the model repeats the anchor and goes on', () => {
    for (const cut of cuts) {
      const { anchor } = new Joint(answer.slice(0, cut))
      const on = anchor + answer.slice(cut)
      for (const size of [1, 3, 17, 1_000])
        expect(fit(answer.slice(0, cut), piecesOf(on, size)).text, `${cut}`).toBe(answer)
    }
  })

  it('gives the whole answer at every cut, when the model begins anew', () => {
    for (const cut of cuts) expect(fit(answer.slice(0, cut), piecesOf(answer, 7)).text, `${cut}`).toBe(answer)
  })

  it('gives the whole answer at every cut, when the model says something first', () => {
    for (const cut of cuts) {
      const { anchor } = new Joint(answer.slice(0, cut))
      const { text } = fit(
        answer.slice(0, cut),
        piecesOf(`Of course! Here is the rest:\n\n${anchor}${answer.slice(cut)}`, 5),
      )
      if (anchor.trim().length >= 24) expect(text, `${cut}`).toBe(answer)
      else expect(text).toBeUndefined()
    }
  })

  it('does not mind white space', () => {
    const delivered = answer.slice(0, 100)
    const { anchor } = new Joint(delivered)
    expect(fit(delivered, [`\n ${anchor.replaceAll(' ', '  ')}`, answer.slice(100)]).text).toBe(answer)
    expect(fit(`${delivered} `, [anchor, ' and so on']).text).toBe(`${delivered} and so on`)
    expect(fit(`${delivered} `, [`${anchor}   `, 'and so on']).text).toBe(`${delivered}   and so on`)
  })

  it('refuses what does not fit, as soon as it is clear', () => {
    const delivered = answer.slice(0, 120)
    expect(fit(delivered, piecesOf(answer.slice(120), 10)).text).toBeUndefined()
    expect(fit(delivered, ['Sorry, ', 'I cannot do that.']).text).toBeUndefined()
    expect(fit(delivered, []).text).toBeUndefined()
    expect(fit('Hello', ['Good morning, ', ...piecesOf('x'.repeat(1_000), 10)]).after).toBe(1)
    expect(fit(delivered, piecesOf('x'.repeat(10_000), 10)).after).toBeLessThan(70)
  })

  it('does not take an earlier place for the end, where the same words stand twice', () => {
    const line = '- a Citation XLS for eight people at 18,500 dollars\n'
    const whole = `Here they are:\n${line}${line}${line}and no other.`
    for (let cut = 60; cut < whole.length; cut++) {
      const { text } = fit(whole.slice(0, cut), piecesOf(whole, 9))
      expect(text, `${cut}`).toBe(whole)
      const preamble = fit(whole.slice(0, cut), piecesOf(`The rest: ${whole}`, 9)).text
      expect([whole, undefined]).toContain(preamble)
    }
  })

  it('tells an answer that begins anew from one that goes on, where its last words are also its first', () => {
    const refrain = 'Buonasera a tutti e benvenuti al nostro bar'
    const delivered = `${refrain}. Stasera suona Anna. ${refrain}`
    const whole = `${delivered}. Buona serata!`
    const { anchor } = new Joint(delivered)
    for (const size of [1, 7, 1_000]) {
      expect(fit(delivered, piecesOf(whole, size)).text, 'anew').toBe(whole)
      expect(fit(delivered, piecesOf(`${anchor}. Buona serata!`, size)).text, 'on').toBe(whole)
      // From the refrain alone nobody can tell which one it is.
      expect(fit(delivered, piecesOf(`${refrain}. Buona serata!`, size)).text, 'unsure').toBeUndefined()
      expect(fit(delivered, piecesOf(`${refrain}! Stasera c'è Anna.`, size)).text, 'in other words').toBeUndefined()
    }
  })

  it('does not take an earlier place for the end, where the same words stand twice with other white space', () => {
    const line = 'a Citation XLS for eight people at 18,500 dollars'
    const delivered = `First: ${line} and then ${line.replaceAll(' ', '\n')}`
    const whole = `${delivered}, and no other.`
    expect(fit(delivered, [`The rest: ${whole}`]).text).toBe(whole)
    expect(fit(delivered, [`${line} and then ${line}, and no other.`]).text).toBe(whole)
    expect(fit(delivered, [`${line}, and no other.`]).text).toBeUndefined()
  })

  it('finds the last words of a long monotonous answer in time', () => {
    const delivered = 'la '.repeat(30_000)
    const { anchor } = new Joint(delivered)
    expect(fit(delivered, [anchor, 'and so on']).text).toBe(`${delivered}and so on`)
  })

  it('never doubles or loses anything: what comes out is what the second model has written, from the anchor on', () => {
    const words = fc.array(fc.constantFrom('a', 'jet', 'to', 'Nice', 'on', 'Friday', 'for', 'four', '.', '\n'), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(words, words, fc.nat(), fc.integer({ min: 1, max: 20 }), (first, second, at, size) => {
        const whole = first.join(' ')
        const delivered = whole.slice(0, 1 + (at % Math.max(1, whole.length)))
        const said = second.join(' ')
        const { text } = fit(delivered, piecesOf(said, size))
        if (text === undefined) return
        const plain = (value: string): string => value.replaceAll(/\s+/g, ' ').trim()
        const { before } = new Joint(delivered)
        const isAnew = plain(said).startsWith(plain(delivered))
        const own = plain(isAnew ? said : before + said)
        const tail = plain(text)
        // With something said first, from the anchor on.
        expect(own === tail || said.includes(tail.slice(-20).trim())).toBe(true)
      }),
    )
  })
})
