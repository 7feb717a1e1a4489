/** What the stand-in knows of computers: how a question is recognised, and what it says in English and in Italian. */
const KNOWN: readonly (readonly [sign: RegExp, english: string, italian: string])[] = [
  [
    /vpn/i,
    'To connect to the VPN, open the VPN client, choose the profile of your office and sign in with your usual account. If it fails, check that the internet works without it, then try once more.',
    'Per collegarsi alla VPN apra il client VPN, scelga il profilo della sua sede ed entri con il solito account. Se non va, verifichi che internet funzioni senza, poi riprovi.',
  ],
  [
    /print|toner|stampa/i,
    'Let us start with the queue: open the printer in your settings, cancel what waits there, switch the printer off for ten seconds and print a test page. What does its display say?',
    'Cominciamo dalla coda: apra la stampante nelle impostazioni, annulli ciò che è in attesa, la spenga per dieci secondi e stampi una pagina di prova. Che cosa dice il display?',
  ],
  [
    /wi-?fi|network|internet|rete|connessione/i,
    'Please turn Wi-Fi off and on again, and see whether another device has the same trouble in the same place. If only yours has it, forget the network and join it anew.',
    'Disattivi e riattivi il Wi-Fi, e veda se un altro dispositivo ha lo stesso problema nello stesso posto. Se è solo il suo, dimentichi la rete e vi acceda di nuovo.',
  ],
  [
    /mail|outlook|posta/i,
    'Please look first whether your mailbox works in the browser. If it does, close Outlook, start it in safe mode, and switch off add-ins one by one.',
    'Per prima cosa veda se la casella funziona nel browser. Se sì, chiuda Outlook, lo avvii in modalità provvisoria e disattivi i componenti aggiuntivi uno per uno.',
  ],
  [
    /password|account|sign in|log ?in|accedere/i,
    'A technician can reset a password once they know that it is you. Never write it in a chat, please.',
    'Un tecnico può reimpostare la password quando è sicuro che sia lei. Non la scriva mai in una chat, per favore.',
  ],
  [
    /slow|frozen|freez|hang|lent|blocc/i,
    'Please save your work and restart the computer first. If it is slow again afterwards, open the task manager and tell me which program is at the top.',
    'Salvi il lavoro e riavvii prima il computer. Se poi è di nuovo lento, apra la gestione attività e mi dica quale programma è in cima.',
  ],
  [
    /^\W*(?:hello|hi|hey|good (?:morning|afternoon|evening)|ciao|salve|buon\w*)\b/i,
    'Hello! I am glad to help with your computer, printer, network or mail. What is not working?',
    'Buongiorno! La aiuto volentieri con computer, stampante, rete o posta. Che cosa non funziona?',
  ],
]

const ITALIAN = /\b(?:il|lo|la|gli|le|non|che|come|mi|mio|mia|del|della|siete|quando|perché|ciao|salve|buon\w+|è)\b/gi
const ENGLISH = /\b(?:the|is|are|not|how|what|my|i|you|of|to|does|when|why|hello|hi|please)\b/gi

/** Whether the instructions make the model a help desk. */
export function isHelpDesk(instructions: readonly string[]): boolean {
  return instructions.some((text) => /\bhelp ?desk\b/i.test(text))
}

/** What a help desk says to a message. */
export function helpDeskAnswer(message: string): string {
  const count = (words: RegExp): number => message.match(words)?.length ?? 0
  const isItalian = count(ITALIAN) > count(ENGLISH)
  const known = KNOWN.find(([sign]) => sign.test(message))
  if (known !== undefined) return known[isItalian ? 2 : 1]
  return isItalian
    ? 'Vorrei capire meglio: quale programma o apparecchio riguarda, da quando succede, e che cosa si vede sullo schermo?'
    : 'I would like to understand that better: which program or device is it about, since when does it happen, and what do you see on the screen?'
}
