/** The name of a sequence: quoted, or beside the word. */
export function findSequenceName(text: string): string | undefined {
  const name = sequenceName(text)
  return name?.replace(/\s+(?:ein|hinzu|auf|bitte|please|pls|aufnehmen|eintragen)$/i, '')
}

function sequenceName(text: string): string | undefined {
  const noun =
    '(?:[Ss]equence|[Ss]eqeunce|[Cc]adence|[Cc]ampaign|[Dd]rip|[Oo]utreach|[Ss]equenza|[Cc]ampagna|[Cc]adenza|[Ss]equenz|[Kk]ampagne|[Ss]équence|[Cc]ampagne|[Cc]adence|[Ss]ecuencia|[Cc]ampaña|[Cc]ampana|[Cc]adencia|[Ss]equência|[Ss]equencia|[Cc]ampanha)'
  const quoted = new RegExp(`["']([^"']{2,60})["']`).exec(text)
  if (quoted !== null) return quoted[1]
  const named = new RegExp(
    `${noun}\\s+(?:called |named |namens |genannt |chiamata |appelée |llamada |: ?)?((?:\\p{Lu}|\\d)[\\p{L}\\p{N}&'/-]*(?:\\s+(?:\\p{Lu}|\\d)[\\p{L}\\p{N}&'/-]*)*)`,
    'u',
  ).exec(text)
  if (named !== null) return named[1]
  const before = new RegExp(
    `\\b(?:to|into|in|on|onto|zur|zu|der|die|in die|alla|nella|à la|a la|dans la|en la)\\s+(?:(?:the|our|my|a|der|die|la|nostra|unsere|unserer|notre|nuestra)\\s+)?((?:[\\p{L}\\p{N}&'/-]+\\s+){0,4}?[\\p{L}\\p{N}&'/-]+)[\\s-]+(?:email |e-mail |outreach )?${noun}\\b`,
    'iu',
  ).exec(text)
  const name = before?.[1]?.replace(/^(?:the|our|my|a|la|die|der)\s+/i, '')
  if (name !== undefined && !/^(?:the|our|my|a|la|die|der|email|e-mail|this|that)$/i.test(name)) return name
  const after = new RegExp(
    `${noun}\\s+((?!for|with|to|please|and|per|mit|pour|con|bitte|hinzu|auf)[\\p{L}\\p{N}&'/-]+(?:\\s+(?!for|with|to|please|and|per|mit|pour|con|bitte|hinzu|auf)[\\p{L}\\p{N}&'/-]+){0,3})`,
    'iu',
  ).exec(text)
  if (after?.[1] !== undefined) return after[1]
  const started = new RegExp(
    `\\b(?:start|launch|begin|avvia|starte|lance|inicia)\\s+(?:the |our |la |die )?((?:[\\p{L}\\p{N}&'/-]+\\s+){1,4}?)${noun}`,
    'iu',
  ).exec(text)
  if (started?.[1] !== undefined) return started[1].trim()
  // "Put a@x.example into Winter Warmup": no word for a sequence, but an address and a place for it.
  const bare =
    /@[\w.-]+\S*\s+(?:to|into|in|onto|alla|nella|zur|zu|à|a la|dans|en|na)\s+(?:the |our )?((?:\p{Lu}|\d)[^.!?\n]{1,60})/u.exec(
      text,
    )
  return bare?.[1]?.trim()
}
