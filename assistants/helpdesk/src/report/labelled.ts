import { readFileSync } from 'node:fs'

/** A labelled message; `TRIAGE.md` tells what the files and the fields are. */
export interface Labelled {
  readonly id: string
  readonly half: 'tune' | 'held-out' | 'practice'
  readonly language: 'en' | 'it'
  readonly emergency: boolean
  readonly kind: string
  readonly message: string
}

/** The messages that are tuned on, of `triage.jsonl`. */
export function loadTune(): Labelled[] {
  return lines('triage.jsonl') as Labelled[]
}

/** The messages that are only measured on, of `triage-held-out.jsonl`. Not to be printed. */
export function loadHeldOut(): Labelled[] {
  return lines('triage-held-out.jsonl') as Labelled[]
}

/** The messages of `triage-practice.jsonl`. */
export function loadPractice(): Labelled[] {
  return lines('triage-practice.jsonl').map((line) => ({ kind: 'practice', ...line, half: 'practice' }) as Labelled)
}

/** What people write to another desk, and small talk, of `triage-others.jsonl`: none is an emergency. */
export function loadOthers(): Labelled[] {
  return lines('triage-others.jsonl').map((line) => ({ kind: 'smalltalk', ...line, half: 'practice' }) as Labelled)
}

function lines(file: string): Partial<Labelled>[] {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Partial<Labelled>)
}

/** How a triage did on some messages. */
export interface Score {
  readonly messages: number
  readonly emergencies: number
  /** Emergencies that were not found. */
  readonly missed: number
  /** What is none and was taken for one. */
  readonly falseAlarms: number
  /** Of those it called emergencies, how many are. */
  readonly precision: number
  /** Of the emergencies, how many it found. */
  readonly recall: number
  readonly wrong: readonly Labelled[]
}

/** Compares what `isEmergency` says with the labels. */
export function scoreOf(messages: readonly Labelled[], isEmergency: (message: string) => boolean): Score {
  const judged = messages.map((one) => ({ one, said: isEmergency(one.message) }))
  const right = judged.filter(({ one, said }) => said && one.emergency).length
  const said = judged.filter((verdict) => verdict.said).length
  const there = messages.filter(({ emergency }) => emergency).length
  return {
    messages: messages.length,
    emergencies: there,
    missed: there - right,
    falseAlarms: said - right,
    precision: right / Math.max(1, said),
    recall: right / Math.max(1, there),
    wrong: judged.filter((verdict) => verdict.said !== verdict.one.emergency).map(({ one }) => one),
  }
}
