import { readFileSync } from 'node:fs'
import type { ToolName } from '../tools/run-tool.ts'

/** What a right answer to a question must contain; `QUESTIONS.md` says how each field is compared. */
export interface Expected {
  readonly kind: 'call' | 'ask' | 'refuse' | 'greet'
  readonly api?: 'avinode' | 'apollo'
  readonly tool?: ToolName | readonly ToolName[]
  readonly segments?: readonly ExpectedSegment[]
  readonly passengers?: number | readonly number[]
  readonly category?: readonly string[] | null
  readonly requestId?: readonly string[]
  readonly titles?: readonly string[]
  readonly locations?: readonly string[]
  readonly organisations?: readonly string[]
  readonly keywords?: readonly string[]
  readonly name?: readonly string[]
  readonly email?: string
  readonly emails?: readonly string[]
  readonly sequence?: readonly string[]
  readonly operator?: readonly string[]
  readonly base?: readonly string[]
  readonly missing?: readonly string[]
  readonly reason?: 'out-of-scope' | 'misuse'
}

/** A leg of {@link Expected}. */
export interface ExpectedSegment {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly date: string | readonly string[]
  readonly time?: string
}

/** One question of `questions.jsonl` or `practice.jsonl`. */
export interface Question {
  readonly id: string
  readonly half: 'tune' | 'held-out' | 'practice'
  readonly language: string
  readonly now: string
  readonly timeZone: string
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[]
  readonly expect: Expected
}

/** Reads the questions, or those to practise on. */
export function loadQuestions(file: 'questions.jsonl' | 'practice.jsonl' = 'questions.jsonl'): Question[] {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Question)
}
