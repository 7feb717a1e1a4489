/** Words that end the name of an organisation written without capitals, folded. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  'in and or to for on with who that from based near please pls thanks the a an their e in und oder et ou y o companies company firms aziende firmen startups large big small least am pm'.split(
    ' ',
  ),
)

/** Words with a capital before a person's name that are no part of it, folded. */
export const LEADING_WORDS: ReadonlySet<string> = new Set(
  'e e-mail mail email emails telefonnummer telefon nummer handynummer kontaktdaten kontakt adresse daten frau herr herrn mr mrs ms miss dr prof signor signora sig dott dottor ing avv madame monsieur mme senor senora sr sra don dona telefono contatti recapiti coordonnees correo telefone dados do does need i please we is are have find enrich look lookup search get add put who what is email please can could hi hello tell give show the contact for phone run pull cerca trova aggiungi arricchisci suche finde wer chi qui quien cherche trouve busca ajoute anade fuge mail dear contact'.split(
    ' ',
  ),
)
