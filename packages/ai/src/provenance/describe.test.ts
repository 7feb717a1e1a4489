import { describe, expect, it } from 'vitest'
import { describeProvenance, sayAge, sayDuration } from './describe.ts'

const direct = { tier: 'direct', degraded: true, stale: false }
const stale = { tier: 'stale', degraded: true, stale: true, ageMs: 720_000 }

describe('describeProvenance', () => {
  it('says in one sentence where an answer came from', () => {
    expect(describeProvenance({ tier: 'n8n', degraded: false, stale: false })).toBe('Answered by the usual assistant.')
    expect(describeProvenance(direct)).toBe(
      'Answered directly, because the usual assistant is not reachable at the moment.',
    )
    expect(describeProvenance(stale)).toBe(
      'A remembered answer, given 12 minutes ago; it cannot be checked at the moment.',
    )
    expect(describeProvenance({ ...direct, tier: 'offline' })).toBe(
      'The assistant is offline at the moment; this is a prepared notice.',
    )
    for (const tier of ['template', 'static', 'last-word'])
      expect(describeProvenance({ ...direct, tier }, { language: 'it' })).toContain('Una risposta preparata')
    expect(describeProvenance({ ...direct, tier: 'claude' })).toContain('by a substitute')
    const emergency = { tier: 'emergency', degraded: false, stale: false }
    expect(describeProvenance(emergency)).toContain('sounded like an emergency')
    expect(describeProvenance(emergency, { language: 'it' })).toContain("un'emergenza")
  })

  it('says it in the language of the reader, and in English where it does not know that', () => {
    expect(describeProvenance(stale, { language: 'de' })).toContain('vor 12 Minuten')
    expect(describeProvenance(stale, { language: 'it-IT' })).toContain('12 minuti fa')
    expect(describeProvenance(stale, { language: 'fr' })).toContain('il y a 12 minutes')
    expect(describeProvenance(stale, { language: 'ES' })).toContain('hace 12 minutos')
    expect(describeProvenance(stale, { language: 'pt-BR' })).toContain('há 12 minutos')
    expect(describeProvenance(direct, { language: 'xx' })).toBe(describeProvenance(direct))
    expect(describeProvenance(direct, { language: 'toString' })).toBe(describeProvenance(direct))
  })
})

describe('the origin of an answer to a similar question', () => {
  it.each([
    ['en', 'to a similar question'],
    ['it', 'a una domanda simile'],
    ['de', 'auf eine ähnliche Frage'],
    ['fr', 'à une question semblable'],
    ['es', 'a una pregunta parecida'],
    ['pt', 'a uma pergunta semelhante'],
  ])('is told in %s', (language, words) => {
    expect(describeProvenance({ ...stale, similarity: 0.95 }, { language })).toContain(words)
    expect(describeProvenance(stale, { language })).not.toContain(words)
  })
})

describe('an age', () => {
  it('is told in the unit that fits', () => {
    expect(sayAge(0)).toBe('1 second ago')
    expect(sayAge(59_400)).toBe('59 seconds ago')
    expect(sayAge(59_600)).toBe('1 minute ago')
    expect(sayAge(3_600_000)).toBe('1 hour ago')
    expect(sayAge(3 * 86_400_000)).toBe('3 days ago')
    expect(sayDuration(120_000)).toBe('2 minutes')
  })
})
