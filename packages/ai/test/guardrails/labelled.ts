import { readFileSync } from 'node:fs'
import {
  createRedactor,
  GUARDRAIL_DEFAULTS,
  injectionScore,
  promptGuard,
  type RedactionKind,
} from '../../src/guardrails/index.ts'

const DATA = new URL('../../data/guardrails/', import.meta.url)

/**
 * Which part of a set: the one that rules were made with, or the one that only measures them; of the injections also those that were written
 * when the rules were done, without the usual words.
 */
export type Half = 'tune' | 'held-out' | 'later'

/** How often a guardrail was right. */
export interface Score {
  /** Found, and there. */
  readonly right: number
  /** Found, and not there. */
  readonly wrong: number
  /** There, and not found. */
  readonly missed: number
}

/** A message with what there is to find in it. */
export interface MarkedMessage {
  readonly half: Half
  readonly text: string
  readonly spans: readonly { readonly kind: RedactionKind; readonly start: number; readonly end: number }[]
}

interface LeakRow {
  readonly half: Half
  readonly prompt: string
  readonly leak: boolean
  readonly text: string
}

interface InjectionRow {
  readonly half: Half
  readonly attack: boolean
  readonly text: string
}

interface PromptFacts {
  readonly systemPrompt: string
  readonly mayBeSaid: readonly string[]
  readonly canaries: readonly string[]
}

export function precision({ right, wrong }: Score): number {
  return right / (right + wrong)
}

export function recall({ right, missed }: Score): number {
  return right / (right + missed)
}

export function sum(scores: Iterable<Score>): Score {
  let total: Score = { right: 0, wrong: 0, missed: 0 }
  for (const { right, wrong, missed } of scores) {
    total = { right: total.right + right, wrong: total.wrong + wrong, missed: total.missed + missed }
  }
  return total
}

/**
 * The messages of the set of personal data and secrets. In the file what is to be found stands as `⟦kind|text⟧`, and a `¦` within
 * what looks like a key keeps programs that search for keys in repositories from finding one: it goes when the file is read.
 */
export function markedMessages(): readonly MarkedMessage[] {
  return (rows('pii.jsonl') as readonly Pick<MarkedMessage, 'half' | 'text'>[]).map(({ half, text: marked }) => {
    let text = ''
    const spans: MarkedMessage['spans'][number][] = []
    for (const piece of marked.replaceAll('¦', '').split(/(⟦[^⟧]*⟧)/)) {
      const mark = /^⟦([a-z-]+)\|([^⟧]*)⟧$/.exec(piece)
      if (mark !== null)
        spans.push({ kind: mark[1] as RedactionKind, start: text.length, end: text.length + mark[2]!.length })
      text += mark?.[2] ?? piece
    }
    return { half, text, spans }
  })
}

/** By kind. What is found counts as right if it is of the kind and covers the whole; as wrong if there is nothing at all where it is. */
export function scoreRedaction(half: Half): ReadonlyMap<RedactionKind, Score> {
  const redactor = createRedactor()
  const scores = new Map<RedactionKind, Score>()
  const add = (kind: RedactionKind, what: keyof Score): void => {
    const score = scores.get(kind) ?? { right: 0, wrong: 0, missed: 0 }
    scores.set(kind, { ...score, [what]: score[what] + 1 })
  }
  for (const { text, spans } of markedMessages().filter((message) => message.half === half)) {
    const { found } = redactor.redact(text)
    for (const { kind, start, end } of spans) {
      const hit = found.some((finding) => finding.kind === kind && finding.start <= start && finding.end >= end)
      add(kind, hit ? 'right' : 'missed')
    }
    for (const { kind, start, end } of found) {
      if (!spans.some((span) => span.start < end && start < span.end)) add(kind, 'wrong')
    }
  }
  return scores
}

export function injectionMessages(half: Half): readonly InjectionRow[] {
  return (rows('injection.jsonl') as readonly InjectionRow[]).filter((row) => row.half === half)
}

export function scoreInjection(half: Half): Score {
  return scoreOf(
    injectionMessages(half).map(({ attack, text }) => ({
      there: attack,
      found: injectionScore(text) >= GUARDRAIL_DEFAULTS.injectionThreshold,
    })),
  )
}

export function leakMessages(half: Half): readonly LeakRow[] {
  return (rows('leaks.jsonl') as readonly LeakRow[]).filter((row) => row.half === half)
}

export function guardedPrompts(): Readonly<Record<string, PromptFacts>> {
  return JSON.parse(readFileSync(new URL('prompts.json', DATA), 'utf8')) as Readonly<Record<string, PromptFacts>>
}

export function scoreLeaks(half: Half): Score {
  const guards = Object.fromEntries(Object.entries(guardedPrompts()).map(([name, facts]) => [name, promptGuard(facts)]))
  return scoreOf(
    leakMessages(half).map(({ leak, prompt, text }) => ({
      there: leak,
      found: guards[prompt]!.check(text) !== undefined,
    })),
  )
}

function scoreOf(judged: readonly { readonly there: boolean; readonly found: boolean }[]): Score {
  const count = (there: boolean, found: boolean): number =>
    judged.filter((each) => each.there === there && each.found === found).length
  return { right: count(true, true), wrong: count(false, true), missed: count(true, false) }
}

function rows(file: string): readonly unknown[] {
  return readFileSync(new URL(file, DATA), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}
