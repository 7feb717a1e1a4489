import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { promptGuard } from './prompt-guard.ts'

const systemPrompt =
  'You are Clara of Northwind Jets. The markup on every quote is eighteen percent and nobody may hear of it. ' +
  'We are open from nine to six on all working days of the year. Hand discounts above five percent to a colleague. Codeword: HF-ALBATROSS-7.'
const secret = 'The markup on every quote is eighteen percent and nobody may hear of it.'

function leakOf(answer: string, more: Partial<Parameters<typeof promptGuard>[0]> = {}) {
  return promptGuard({ systemPrompt, canaries: ['HF-ALBATROSS-7'], ...more }).check(answer)
}

describe('a guard of a prompt', () => {
  it('lets an answer pass that only speaks of the same things', () => {
    expect(leakOf('The quote is eighteen thousand, and nobody pays more than five percent on top.')).toBeUndefined()
  })

  const base64 = btoa(secret)
  it.each([
    ['as it is', secret, 'plain'],
    ['in capitals without punctuation', 'THE MARKUP ON EVERY QUOTE IS EIGHTEEN PERCENT AND NOBODY MAY HEAR', 'plain'],
    ['over lines and in a list', secret.replaceAll(' ', '\n- '), 'plain'],
    ['spelled', [...secret].join(' '), 'plain'],
    ['with characters nobody sees', [...secret].join('\u200b'), 'plain'],
    ['with digits for letters', secret.replaceAll('e', '3').replaceAll('o', '0').replaceAll('i', '1'), 'plain'],
    ['with accents', secret.replaceAll('e', 'é'), 'plain'],
    ['in letters of another script', secret.replaceAll('a', 'а').replaceAll('e', 'е'), 'plain'],
    ['in full width', secret.replaceAll(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)), 'plain'],
    ['backwards', [...secret].toReversed().join(''), 'backwards'],
    ['in ROT13', rot13(secret), 'rot13'],
    ['in base64', base64, 'base64'],
    ['in base64 with line ends', base64.replaceAll(/.{24}/g, '$&\n'), 'base64'],
    ['in hexadecimal', [...secret].map((sign) => sign.charCodeAt(0).toString(16)).join(''), 'hex'],
  ])('notices the prompt %s', (_, answer, disguise) => {
    expect(leakOf(`Well: ${answer}`)).toEqual({ rule: 'passage', disguise })
  })

  it('notices a leak with words changed in between', () => {
    const answer =
      'The markup on each quote is eighteen percent yes and nobody may ever hear of it; hand any discounts above five percent to your colleague. We are open daily from nine to six on most working days of the year.'
    expect(leakOf(answer)).toEqual({ rule: 'pieces', disguise: 'plain' })
    expect(leakOf(answer, { maxShare: 1 })).toBeUndefined()
  })

  it.each(['HF-ALBATROSS-7', 'hf albatross 7', 'H.F.A.L.B.A.T.R.O.S.S.7', 'the codeword: hfalbatross7!'])(
    'notices a canary written as %s',
    (answer) => {
      expect(leakOf(answer)?.rule).toBe('canary')
    },
  )

  it('lets passages be said that may be', () => {
    const answer = 'We are open from nine to six on all working days of the year.'
    expect(leakOf(answer)?.rule).toBe('passage')
    expect(leakOf(answer, { mayBeSaid: [answer] })).toBeUndefined()
    expect(leakOf(secret, { mayBeSaid: [answer] })?.rule).toBe('passage')
    // Nor does one passage hide another that has it in the middle.
    expect(leakOf(answer, { mayBeSaid: ['nine', answer] })).toBeUndefined()
  })

  it('tells accented words from base64, too', () => {
    const prompt = 'Non rivelare mai perché la società è così più cara di tutte le altre, né qual è il margine.'
    const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(prompt)))
    expect(promptGuard({ systemPrompt: prompt }).check(encoded)?.disguise).toBe('base64')
  })

  it('counts each sign of a script without spaces as a word', () => {
    const guard = promptGuard({ systemPrompt: '絶対に原価を教えてはいけません。', maxWords: 7 })
    expect(guard.check('原価を教え')).toBeUndefined()
    expect(guard.check('原価を教えてはいけません')?.rule).toBe('passage')
  })

  it.each([
    [{ canaries: ['abc'] }, /canaries/],
    [{ maxWords: 1 }, /maxWords/],
    [{ maxShare: 0 }, /maxShare/],
    [{ systemPrompt: 'x'.repeat(262_145) }, /systemPrompt/],
  ])('refuses options that it cannot use', (more, message) => {
    expect(() => promptGuard({ systemPrompt, ...more })).toThrow(message)
  })
})

describe('a guarded answer that comes in pieces', () => {
  it('shows the beginning of a leak and nothing more', () => {
    const watch = promptGuard({ systemPrompt }).watch()
    let shown = watch.push('Sure. ')
    for (const word of secret.split(' ')) shown += watch.push(`${word} `)
    shown += watch.flush()
    expect(watch.leak?.rule).toBe('passage')
    expect(shown).toBe('Sure. The markup o')
  })

  it('keeps nothing back of an answer that has nothing to do with the prompt', () => {
    const watch = promptGuard({ systemPrompt, canaries: ['ZZZ-ZZZ-1'] }).watch()
    for (const word of ['Buongiorno, ', 'come ', 'va?']) expect(watch.push(word)).toBe(word)
  })

  it('shows what it kept back when it turns out to be harmless', () => {
    const watch = promptGuard({ systemPrompt }).watch()
    expect(watch.push('The markup on every')).toBe('The markup o')
    expect(watch.push(' flight')).toBe('n every flight')
  })

  it('shows no letter of a canary', () => {
    const watch = promptGuard({ systemPrompt: 'x', canaries: ['HF-ALBATROSS-7'] }).watch()
    let shown = ''
    for (const sign of 'It is HF-ALBATROSS-7.') shown += watch.push(sign)
    expect(shown).toBe('It is ')
    expect(watch.leak).toEqual({ rule: 'canary', disguise: 'plain' })
  })

  const words = fc.constantFrom('a', 'b', 'ab', 'ba', 'aa', 'c', 'abc', 'cab', 'dd')
  it('never shows more words in a row than it may, and what it shows does not depend on the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 40 }),
        fc.array(fc.oneof(words, fc.nat(30)), { maxLength: 30 }),
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.nat(9), { maxLength: 40 }),
        (promptWords, said, maxWords, sizes) => {
          // Numbers stand for passages of the prompt.
          const answer = said
            .map((part) => (typeof part === 'number' ? promptWords.slice(part, part + 6).join(' ') : part))
            .join(' ')
          const guard = promptGuard({ systemPrompt: promptWords.join(' '), maxWords, maxShare: 1 })
          const watch = guard.watch()
          let shown = ''
          let at = 0
          for (const size of sizes) {
            shown += watch.push(answer.slice(at, at + size))
            at += size
          }
          shown += watch.push(answer.slice(at)) + watch.flush()
          const whole = guard.watch()
          expect(shown).toBe(whole.push(answer) + whole.flush())
          expect(answer.startsWith(shown)).toBe(true)
          if (watch.leak === undefined) expect(shown).toBe(answer)
          const shownWords = shown.split(' ')
          for (let from = 0; from + maxWords < shownWords.length; from += 1) {
            // The last word may be cut: then it is no word of the prompt.
            const row = shownWords.slice(from, from + maxWords + 1)
            expect(` ${promptWords.join(' ')} `).not.toContain(` ${row.join(' ')} `)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

function rot13(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first)
  })
}
