import { invalid } from '../../errors/invalid-options.ts'
import type { Detector } from '../scan/detector.ts'
import { type DetectorTable, detectorTable, TextScan } from '../scan/text-scan.ts'
import { cardCode } from './card-code.ts'
import { card } from './card.ts'
import { type DeepOptions, redactDeep } from './deep.ts'
import { email } from './email.ts'
import { fiscalCode } from './fiscal-code.ts'
import { iban } from './iban.ts'
import { phone } from './phone.ts'
import type { PhoneCountry } from './phone-plans.ts'
import { privateKey } from './private-key.ts'
import { bearer, namedKey, namedPassword, urlPassword } from './secrets.ts'
import { jwt, providerTokens } from './tokens.ts'

/** What a redactor can find. */
export type RedactionKind = (typeof REDACTION_KINDS)[number]

/**
 * All kinds: e-mail addresses; phone numbers; payment cards and their codes (CVV); bank accounts; Italian fiscal codes; keys and tokens of providers, and
 * values that are named as such; JSON Web Tokens; credentials of an `Authorization` header; private keys in PEM; passwords in addresses and settings.
 */
export const REDACTION_KINDS: readonly [
  'email',
  'phone',
  'card',
  'iban',
  'fiscal-code',
  'key',
  'jwt',
  'bearer',
  'private-key',
  'password',
] = Object.freeze([
  'email',
  'phone',
  'card',
  'iban',
  'fiscal-code',
  'key',
  'jwt',
  'bearer',
  'private-key',
  'password',
] as const)

/** What {@link createRedactor} is made with. */
export interface RedactorOptions {
  /** What to find. Default: all of {@link REDACTION_KINDS}. */
  readonly kinds?: readonly RedactionKind[] | undefined
  /** What to put in its place: a text, or one for each kind. Default: the kind in brackets, as in `[email]`. */
  readonly replacement?: string | ((kind: RedactionKind) => string) | undefined
  /** Countries whose national phone numbers are found; those with a country code always are. Default: `IT` and `US`. */
  readonly countries?: readonly PhoneCountry[] | undefined
}

/** Something that was found in a text. */
export interface Finding {
  readonly kind: RedactionKind
  /** Where it begins and ends in the text that came, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/** A text without what was found in it. */
export interface RedactedText {
  readonly text: string
  readonly found: readonly Finding[]
}

/** Redacts a text that comes in pieces. */
export interface StreamRedactor {
  /** The next piece. @returns what may go out: all but what may be the beginning of something. */
  push(piece: string): string
  /** There is no more. @returns what was kept back. */
  flush(): string
  /** How many characters are kept back. */
  readonly held: number
  /** How many of each kind were found so far. */
  readonly counts: ReadonlyMap<RedactionKind, number>
}

/** Takes personal data and secrets out of texts. */
export interface Redactor {
  /** Redacts a whole text. */
  redact(text: string): RedactedText
  /** Redacts the strings in a value that is about to be logged, without changing it. */
  redactDeep(value: unknown, options?: DeepOptions): unknown
  /** Begins a text that comes in pieces. What comes out is what {@link Redactor.redact} makes of the whole, however it is cut. */
  stream(): StreamRedactor
  /** The same as a stream of strings. */
  transform(): TransformStream<string, string>
}

/**
 * Makes a redactor. The time it takes grows with the length of the text and with nothing else.
 *
 * @example
 * ```ts
 * import { createRedactor } from '@holdfast/ai/guardrails'
 *
 * const { text, found } = createRedactor().redact('Write to anna@example.com or call +39 333 1234567.')
 * console.log(text) // Write to [email] or call [phone].
 * console.log(found.map(({ kind }) => kind))
 * ```
 * @throws HoldfastError INVALID_OPTION for a kind or a country that is not known.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const { kinds = REDACTION_KINDS, countries = ['IT', 'US'], replacement } = options
  for (const kind of kinds) {
    if (!REDACTION_KINDS.includes(kind)) throw invalid('kinds', `some of ${REDACTION_KINDS.join(', ')}`, kind)
  }
  for (const country of countries) {
    if (country !== 'IT' && country !== 'US') throw invalid('countries', 'some of IT, US', country)
  }
  if (replacement !== undefined && typeof replacement !== 'string' && typeof replacement !== 'function') {
    throw invalid('replacement', 'a text, or a function that makes one', replacement)
  }
  const wanted = new Set<string>(kinds)
  const table = detectorTable(allDetectors(countries).filter(({ kind }) => wanted.has(kind)))
  const words = new Map<string, string>(
    kinds.map((kind) => [kind, typeof replacement === 'function' ? replacement(kind) : (replacement ?? `[${kind}]`)]),
  )
  const redact = (text: string): RedactedText => {
    const found: Finding[] = []
    const scan = new TextScan(table, {
      replace: ({ kind }) => words.get(kind)!,
      found: ({ kind }, start, end) => found.push({ kind: kind as RedactionKind, start, end }),
    })
    return { text: scan.end(text), found }
  }
  const stream = (): StreamRedactor => streamRedactor(table, words)
  return Object.freeze({
    redact,
    redactDeep: (value: unknown, deep?: DeepOptions) => redactDeep((text) => redact(text).text, value, deep),
    stream,
    transform() {
      const redacting = stream()
      return new TransformStream<string, string>({
        transform(piece, controller) {
          const out = redacting.push(piece)
          if (out !== '') controller.enqueue(out)
        },
        flush(controller) {
          const out = redacting.flush()
          if (out !== '') controller.enqueue(out)
        },
      })
    },
  })
}

function streamRedactor(table: DetectorTable, words: ReadonlyMap<string, string>): StreamRedactor {
  const counts = new Map<RedactionKind, number>()
  const scan = new TextScan(table, {
    replace: ({ kind }) => words.get(kind)!,
    found: ({ kind }) => counts.set(kind as RedactionKind, (counts.get(kind as RedactionKind) ?? 0) + 1),
  })
  return {
    push: (piece) => scan.push(piece),
    flush: () => scan.end(),
    get held() {
      return scan.held
    },
    counts,
  }
}

/** Those that say most come first: of two that match at the same place the first wins. */
function allDetectors(countries: readonly PhoneCountry[]): readonly Detector[] {
  return [
    privateKey,
    jwt,
    ...providerTokens,
    urlPassword,
    namedPassword,
    namedKey,
    bearer,
    email,
    iban,
    fiscalCode,
    card,
    cardCode,
    phone(countries),
  ]
}
