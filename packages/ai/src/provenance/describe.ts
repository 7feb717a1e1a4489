import type { Provenance } from './provenance.ts'

/** Languages in which an answer's origin can be told. Anything else is told in English. */
export type DescribedLanguage = 'en' | 'it' | 'de' | 'fr' | 'es' | 'pt'

interface Phrases {
  readonly direct: string
  readonly fallback: string
  readonly offline: string
  readonly prepared: string
  readonly emergency: string
  readonly usual: string
  readonly stale: (age: string) => string
  readonly similar: (age: string) => string
}

const phrases: Readonly<Record<DescribedLanguage, Phrases>> = {
  en: {
    emergency: 'This sounded like an emergency, so it was answered at once, before anything else.',
    usual: 'Answered by the usual assistant.',
    direct: 'Answered directly, because the usual assistant is not reachable at the moment.',
    fallback: 'Answered by a substitute, because the usual assistant is not reachable at the moment.',
    offline: 'The assistant is offline at the moment; this is a prepared notice.',
    prepared: 'A prepared reply, because the assistant cannot answer this at the moment.',
    stale: (age) => `A remembered answer, given ${age}; it cannot be checked at the moment.`,
    similar: (age) => `A remembered answer to a similar question, given ${age}; it cannot be checked at the moment.`,
  },
  it: {
    emergency: "Sembrava un'emergenza: la risposta è stata data subito, prima di tutto il resto.",
    usual: 'Risposta del solito assistente.',
    direct: 'Risposta diretta, perché il solito assistente al momento non è raggiungibile.',
    fallback: 'Risposta di un sostituto, perché il solito assistente al momento non è raggiungibile.',
    offline: "L'assistente al momento non è in linea; questo è un avviso preparato.",
    prepared: "Una risposta preparata, perché al momento l'assistente non può rispondere.",
    stale: (age) => `Una risposta ricordata, data ${age}; al momento non si può verificare.`,
    similar: (age) => `Una risposta ricordata, data ${age} a una domanda simile; al momento non si può verificare.`,
  },
  de: {
    emergency: 'Das klang nach einem Notfall und wurde deshalb sofort beantwortet, vor allem anderen.',
    usual: 'Beantwortet vom üblichen Assistenten.',
    direct: 'Direkt beantwortet, weil der übliche Assistent gerade nicht erreichbar ist.',
    fallback: 'Ersatzweise beantwortet, weil der übliche Assistent gerade nicht erreichbar ist.',
    offline: 'Der Assistent ist gerade nicht erreichbar; dies ist ein vorbereiteter Hinweis.',
    prepared: 'Eine vorbereitete Antwort, weil der Assistent das gerade nicht beantworten kann.',
    stale: (age) => `Eine gemerkte Antwort, gegeben ${age}; sie lässt sich gerade nicht prüfen.`,
    similar: (age) =>
      `Eine gemerkte Antwort auf eine ähnliche Frage, gegeben ${age}; sie lässt sich gerade nicht prüfen.`,
  },
  fr: {
    emergency: 'Cela ressemblait à une urgence ; la réponse a donc été donnée tout de suite, avant tout le reste.',
    usual: "Réponse de l'assistant habituel.",
    direct: "Réponse directe, car l'assistant habituel n'est pas joignable pour le moment.",
    fallback: "Réponse d'un remplaçant, car l'assistant habituel n'est pas joignable pour le moment.",
    offline: "L'assistant est hors ligne pour le moment ; ceci est un message préparé.",
    prepared: "Une réponse préparée, car l'assistant ne peut pas répondre pour le moment.",
    stale: (age) => `Une réponse mémorisée, donnée ${age} ; elle ne peut pas être vérifiée pour le moment.`,
    similar: (age) =>
      `Une réponse mémorisée, donnée ${age} à une question semblable ; elle ne peut pas être vérifiée pour le moment.`,
  },
  es: {
    emergency: 'Parecía una emergencia, así que se respondió de inmediato, antes que todo lo demás.',
    usual: 'Respuesta del asistente habitual.',
    direct: 'Respuesta directa, porque el asistente habitual no está disponible en este momento.',
    fallback: 'Respuesta de un sustituto, porque el asistente habitual no está disponible en este momento.',
    offline: 'El asistente está fuera de línea en este momento; este es un aviso preparado.',
    prepared: 'Una respuesta preparada, porque el asistente no puede responder en este momento.',
    stale: (age) => `Una respuesta recordada, dada ${age}; en este momento no se puede comprobar.`,
    similar: (age) =>
      `Una respuesta recordada, dada ${age} a una pregunta parecida; en este momento no se puede comprobar.`,
  },
  pt: {
    emergency: 'Parecia uma emergência, por isso foi respondida de imediato, antes de tudo o resto.',
    usual: 'Resposta do assistente habitual.',
    direct: 'Resposta direta, porque o assistente habitual não está disponível neste momento.',
    fallback: 'Resposta de um substituto, porque o assistente habitual não está disponível neste momento.',
    offline: 'O assistente está desligado neste momento; este é um aviso preparado.',
    prepared: 'Uma resposta preparada, porque o assistente não pode responder neste momento.',
    stale: (age) => `Uma resposta recordada, dada ${age}; neste momento não pode ser verificada.`,
    similar: (age) =>
      `Uma resposta recordada, dada ${age} a uma pergunta semelhante; neste momento não pode ser verificada.`,
  },
}

const PREPARED: ReadonlySet<string> = new Set(['template', 'static', 'last-word'])

/**
 * Where an answer came from, in one sentence for the customer who reads it. Knows the usual names of tiers: `emergency` was answered before all others, `offline` is a
 * prepared notice, `template`, `static` and `last-word` are prepared replies, `direct` is the direct way; any other tier after the first is a substitute.
 *
 * @param options.language ISO 639-1. Default: `en`.
 */
export function describeProvenance(
  provenance: Pick<Provenance, 'tier' | 'degraded' | 'stale' | 'ageMs' | 'similarity'>,
  options: { readonly language?: string } = {},
): string {
  const language = known(options.language)
  const said = phrases[language]
  if (provenance.stale) {
    const age = sayAge(provenance.ageMs ?? 0, language)
    return provenance.similarity === undefined ? said.stale(age) : said.similar(age)
  }
  if (provenance.tier === 'offline') return said.offline
  if (provenance.tier === 'emergency') return said.emergency
  if (!provenance.degraded) return said.usual
  if (PREPARED.has(provenance.tier)) return said.prepared
  return provenance.tier === 'direct' ? said.direct : said.fallback
}

/** How long ago something was, in words: `12 minutes ago`. */
export function sayAge(ageMs: number, language?: string): string {
  const [count, unit] = inUnits(ageMs)
  return new Intl.RelativeTimeFormat(known(language), { numeric: 'always' }).format(-count, unit)
}

/** How long something has lasted, in words: `12 minutes`. */
export function sayDuration(durationMs: number, language?: string): string {
  const [count, unit] = inUnits(durationMs)
  return new Intl.NumberFormat(known(language), { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

function inUnits(ms: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  if (seconds < 60) return [seconds, 'second']
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return [minutes, 'minute']
  const hours = Math.round(minutes / 60)
  return hours < 48 ? [hours, 'hour'] : [Math.round(hours / 24), 'day']
}

function known(language: string | undefined): DescribedLanguage {
  const code = language?.slice(0, 2).toLowerCase()
  return code !== undefined && Object.hasOwn(phrases, code) ? (code as DescribedLanguage) : 'en'
}
