import { createIntents, TEMPLATE_DEFAULTS } from '@holdfast/ai/replies'
import { describe, expect, it } from 'vitest'
import { HELPDESK_TEXTS } from './index.ts'
import { HELPDESK_INTENTS } from './intents.ts'

const intents = createIntents({ tables: HELPDESK_INTENTS })

/** What a template would be chosen by. */
function meant(message: string): string {
  const { id = '', confidence } = intents.read(message)
  return confidence >= TEMPLATE_DEFAULTS.minConfidence ? id : ''
}

describe('the intents of the help desk', () => {
  it.each([
    ['printer', "The printer next to reception doesn't print"],
    ['printer', 'Printer is jammed again'],
    ['printer', 'la stampante si inceppa sempre'],
    ['printer', 'non stampo più niente'],
    ['network', 'My wi-fi keeps dropping'],
    ['network', "the internet isn't working"],
    ['network', 'internet non va'],
    ['network', 'non mi collego alla vpn'],
    ['mail', 'Outlook crashes when I open the calendar'],
    ['mail', "I can't receive emails"],
    ['mail', 'non mi arrivano le mail'],
    ['slow', 'My laptop is frozen'],
    ['slow', 'Il mio computer è lentissimo da stamattina'],
    ['hours', 'Quando siete aperti?'],
    ['contact', 'which email do I write to?'],
    ['password', 'I forgot my password'],
    ['thanks', 'thanks, the printer works again'],
    ['thanks', 'grazie, la stampante ora funziona'],
    ['', 'how do I add a signature in Outlook?'],
    ['', 'come si aggiunge la firma in outlook?'],
    ['', 'how do I write macros in excel'],
    ['', 'our newsletter ends up in spam'],
    ['', 'the network drive S is missing'],
    ['', 'our colleague Tom would like two monitors'],
  ])('%s: %s', (id, message) => expect(meant(message)).toBe(id))

  it('have a template each, in every language', () => {
    for (const { language, intents: words } of HELPDESK_INTENTS) {
      const ids = words.map(({ id }) => id)
      expect(new Set(Object.keys(HELPDESK_TEXTS[language]!.templates))).toEqual(new Set(ids))
    }
  })
})
