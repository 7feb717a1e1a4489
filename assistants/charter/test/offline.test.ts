import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startDesk } from './desk.ts'
import type { Desk } from './desk.ts'
import { startOutside } from './outside.ts'
import type { Outside } from './outside.ts'

const SEARCHES = {
  en: 'A jet from Teterboro to Miami on 4 December 2026 for 4 people',
  de: 'Ein Flugzeug von Berlin nach Nizza am 4. Dezember 2026 für 4 Personen',
  es: 'Un avión de Madrid a Ibiza el 4 de diciembre de 2026 para 4 personas',
  fr: 'Un avion de Paris à Nice le 4 décembre 2026 pour 4 personnes',
  it: 'Un aereo da Milano a Nizza il 4 dicembre 2026 per 4 persone',
  pt: 'Um avião de Lisboa para o Funchal no dia 4 de dezembro de 2026 para 4 pessoas',
}

let outside: Outside
let desk: Desk
beforeEach(async () => {
  outside = await startOutside()
  desk = startDesk(outside)
})
afterEach(() => outside.close())

describe('the offline answer', () => {
  it.each([
    ['en', ['our usual assistant (for 2 minutes)', 'the flight marketplace', 'Nothing was booked or sent']],
    ['de', ['der übliche Assistent (seit 2 Minuten)', 'der Flugmarktplatz', 'wurde nichts gebucht']],
    ['es', ['el asistente habitual (desde hace 2 minutos)', 'el mercado de vuelos', 'no se ha reservado']],
    ['fr', ['l’assistant habituel (depuis 2 minutes)', 'la place de marché des vols', 'Rien n’a été réservé']],
    ['it', ['il solito assistente (da 2 minuti)', 'il mercato dei voli', 'non è stato prenotato']],
    ['pt', ['o assistente habitual (há 2 minutos)', 'o mercado de voos', 'nada foi reservado']],
  ] as const)('names what is down, and for how long, in the language of the question: %s', async (language, said) => {
    desk.down('n8n', 'llm', 'apollo', 'avinode')
    await desk.clock.advance(120_000)
    const { text, provenance } = await desk.ask(SEARCHES[language])
    expect(provenance.tier).toBe('offline')
    for (const words of [...said, 'Holdfast Charter', '+1 555 0100']) expect(text).toContain(words)
  })

  it('does not name what works', async () => {
    desk.down('n8n', 'llm', 'avinode')
    expect((await desk.ask(SEARCHES.en)).text).not.toContain('the contact database')
  })

  it.each([
    ['Please request quotes: Teterboro to Miami on 4 December 2026 for 4 people', 'it may have gone through'],
    ['Bitte Angebote anfragen: Berlin nach Nizza am 4. Dezember 2026, 4 Personen', 'Das kann durchgegangen sein'],
  ])('never says that nothing was sent when something may have been: %s', async (question, said) => {
    desk.down('n8n', 'llm')
    outside.answer('avinode', 'never')
    const answer = desk.ask(question)
    await outside.reached('avinode')
    await desk.clock.advance(15_000)
    const { text, provenance } = await answer
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
    expect(provenance.tier).toBe('offline')
    expect(text).toContain(said)
    expect(text).not.toMatch(/Nothing was booked|nichts gebucht/)
  })
})
