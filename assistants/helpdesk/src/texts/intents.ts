import { INTENT_TABLES } from '@holdfast/ai/replies'
import type { IntentTable, IntentWords } from '@holdfast/ai/replies'

/** What is added to a table of the package. */
type Addition = Pick<IntentTable, 'classes' | 'others'> & { readonly intents: readonly IntentWords[] }

/** Everyday troubles for which there is a first aid that harms nobody. */
const ADDITIONS: Readonly<Record<string, Addition>> = {
  en: {
    classes: {
      trouble:
        'not no cant cannot wont doesnt dont isnt broken down offline slow weak lost error errors stuck fails failed problem problems trouble issue issues stopped dead',
      computer: 'computer laptop pc notebook machine mac desktop windows',
      network: 'wifi wlan wireless internet network lan vpn connection',
      mail: 'mail mails email emails outlook thunderbird mailbox inbox',
    },
    intents: [
      {
        id: 'printer',
        rules: [
          'printer|printers|plotter .. <trouble>|jam|jams|jammed|toner|blank',
          '<trouble> .. print|printing|printer',
          'paper jam|jammed',
          'printer|toner .. empty|out',
        ],
        examples: [
          'the printer does not print',
          'my printer is offline',
          'paper jam in the printer next to reception',
          'nothing comes out of the printer',
          'I cannot print any more',
          'the toner is empty',
        ],
      },
      {
        id: 'network',
        rules: [
          '<network> .. <trouble>|drops|dropping|disconnects|disconnected',
          'wi fi .. <trouble>|drops|dropping',
          '<trouble> .. <network>',
        ],
        examples: [
          'the wifi does not work',
          'my internet connection drops all the time',
          'I cannot connect to the vpn',
          'no network on my laptop',
          'the wireless is very slow today',
          'vpn error when I work from home',
        ],
      },
      {
        id: 'mail',
        rules: [
          '<mail> .. <trouble>|crashes|crashed|freezes|full',
          '<trouble> .. send|receive|open|get .. <mail>',
          '<trouble> .. <mail>',
        ],
        examples: [
          'outlook does not start',
          'I cannot send emails',
          'my mailbox is full',
          'I do not receive any mail since this morning',
          'outlook hangs when I open it',
          'mails stay in the outbox',
        ],
      },
      {
        id: 'slow',
        rules: [
          '<computer> .. slow|frozen|freezes|freezing|hangs|stuck|crashes|crashed|lags',
          'slow|frozen .. <computer>',
        ],
        examples: [
          'my computer is very slow',
          'the laptop freezes all the time',
          'my pc hangs',
          'windows takes ages to start',
          'everything on my notebook lags',
          'the screen is frozen and nothing reacts',
        ],
      },
    ],
    others: [
      'how do I set an out of office reply in outlook?',
      'how do I write a macro in excel?',
      'how can I share a calendar with my team?',
      'how do I map a network drive?',
      'how do I print on both sides?',
      'can I have a second mailbox for invoices?',
    ],
  },
  it: {
    classes: {
      trouble:
        'non niente nessuna nessun rotta rotto giu offline lenta lento debole persa perso errore errori bloccata bloccato problema problemi guasta guasto ferma fermo',
      computer: 'computer pc portatile notebook macchina mac windows',
      network: 'wifi wireless internet rete lan vpn connessione linea',
      mail: 'mail email posta outlook thunderbird casella',
    },
    intents: [
      {
        id: 'printer',
        rules: [
          'stampante|stampanti|plotter .. <trouble>|inceppa|inceppata|toner|bianco',
          '<trouble> .. stampa|stampare|stampante|stampo',
          'carta inceppata',
          'toner|stampante .. finito|esaurito|vuoto',
        ],
        examples: [
          'la stampante non stampa',
          'la mia stampante risulta offline',
          'si è inceppata la carta nella stampante',
          'non esce niente dalla stampante',
          'non riesco più a stampare',
          'il toner è finito',
        ],
      },
      {
        id: 'network',
        rules: [
          '<network> .. <trouble>|cade|salta|disconnette',
          'wi fi .. <trouble>|cade|salta',
          '<trouble> .. <network>',
        ],
        examples: [
          'il wifi non funziona',
          'la connessione internet cade sempre',
          'non riesco a collegarmi alla vpn',
          'niente rete sul portatile',
          'oggi il wireless è lentissimo',
          'errore della vpn quando lavoro da casa',
        ],
      },
      {
        id: 'mail',
        rules: [
          '<mail> .. <trouble>|chiude|piena|pieno',
          '<trouble> .. inviare|mandare|ricevo|ricevere|aprire .. <mail>',
          '<trouble> .. <mail>',
        ],
        examples: [
          'outlook non si apre',
          'non riesco a mandare mail',
          'la casella è piena',
          'da stamattina non ricevo posta',
          'outlook si blocca quando lo apro',
          'le mail restano in uscita',
        ],
      },
      {
        id: 'slow',
        rules: [
          '<computer> .. lento|lenta|lentissimo|bloccato|blocca|impalla|impallato|pianta',
          'lento|bloccato .. <computer>',
        ],
        examples: [
          'il mio computer è lentissimo',
          'il portatile si blocca di continuo',
          'il pc si pianta',
          'windows ci mette una vita ad avviarsi',
          'sul notebook va tutto a scatti',
          'lo schermo è bloccato e non reagisce niente',
        ],
      },
    ],
    others: [
      'come si imposta la risposta automatica in outlook?',
      'come si scrive una macro in excel?',
      'come condivido un calendario con i colleghi?',
      'come si collega un disco di rete?',
      'come si stampa fronte retro?',
      'posso avere una seconda casella per le fatture?',
    ],
  },
}

/** Sentences of the package's tables that mean nothing there, and something here. */
const MEANT_HERE = /printer|jam|slow since|outlook|wifi|stampante|lento dopo/i

/** What the help desk's customers want: the tables of `@holdfast/ai/replies`, and everyday troubles. */
export const HELPDESK_INTENTS: readonly IntentTable[] = Object.freeze(
  INTENT_TABLES.map((table) => {
    const { classes = {}, intents = [], others = [] } = ADDITIONS[table.language] ?? {}
    return {
      ...table,
      classes: { ...table.classes, ...classes },
      intents: [...table.intents, ...intents],
      others: [...table.others.filter((sentence) => !MEANT_HERE.test(sentence)), ...others],
    }
  }),
)
