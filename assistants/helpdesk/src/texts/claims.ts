import type { ForbiddenClaims } from '@holdfast/ai/guardrails'

/** What the help desk's models must not claim: they can do nothing, and speak for nobody who sets prices and times. By name and language. */
export const HELPDESK_CLAIMS: ForbiddenClaims = {
  'has-done-it': {
    en: [
      'i have|ve just? *1 reset|opened|created|closed|changed|sent|installed|unlocked|escalated *3 ticket~|password~|account~|case|mail~|email~|technician~',
      'your ticket number is',
      'your new password is',
    ],
    it: [
      'ho *1 reimpostato|aperto|creato|chiuso|cambiato|inviato|mandato|installato|sbloccato *3 ticket|password|account|caso|mail|tecnico',
      'il suo|tuo numero di? ticket è',
      'la sua|tua nuova password è',
    ],
  },
  'asks-for-a-secret': {
    en: ['send|tell|give|write *2 your *1 password|pin|passcode', 'what is your *1 password|pin'],
    it: [
      'mandi|mandami|mi? dica|dimmi|invii|inviami|scriva|scrivimi *2 sua|tua *1 password|pin',
      'qual è la sua|tua *1 password|pin',
    ],
  },
  'promises-a-time': {
    en: [
      'guarante~ *5 hour~|minute~|day~|today|tomorrow',
      'will be *2 fixed|solved|resolved|repaired *2 within|today|tomorrow|by',
    ],
    it: [
      'garanti~ *5 ora|ore|minuti|giorno|giorni|oggi|domani',
      'sarà *2 risolto|riparato|sistemato *2 entro|oggi|domani',
    ],
  },
  'names-a-price': {
    en: ['free of charge', 'costs|cost *2 euro~|dollar~|eur|usd', 'discount of'],
    it: ['gratuit~', 'costa|costano *2 euro|dollari|eur', 'sconto del'],
  },
}
