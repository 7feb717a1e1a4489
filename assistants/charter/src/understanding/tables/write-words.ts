/**
 * Any hint that something is to be sent, booked or entered, in lower case. Much broader than the rules' own reading: a message with
 * one of these words is never put to two tiers at once.
 */
export const WRITE_WORDS =
  /quot|rfq|book|reserv|request|order|confirm|go ahead|proceed|do it|send|submit|add\b|enrol|sequence|cadence|campaign|put .* (?:in|into|on)\b|preventiv|prenot|richied|invia|mand[ai]|aggiung|inseri|sequenz|campagn|conferm|angebot|anfrag|buch|send|schick|füg|fueg|hinzu|bestätig|bestell|kampagne|devis|réserv|reserv|demand|envo[iy]|ajout|inscri|confirm|séquence|cotiza|presupuest|solicit|env[ií]|añad|anad|agreg|secuencia|campaña|orçament|orcament|cota[çc]|pe[çd]|adicion|sequência|campanha/
