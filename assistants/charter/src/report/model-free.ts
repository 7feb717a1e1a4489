import { conversationReader } from '../conversation.ts'
import { plan } from '../rules/plan.ts'
import type { Plan } from '../rules/plan.ts'
import { understand } from '../understanding/index.ts'
import { differences } from './check.ts'
import type { Question } from './questions.ts'

/** How many of some questions the model-free path gets right. */
export interface Score {
  readonly right: number
  readonly total: number
}

/** The score of one set of questions, whole and in parts. */
export interface ModelFreeScore extends Score {
  /** By kind of what is expected; calls by the API's name. */
  readonly byKind: Readonly<Record<string, Score>>
  /** By ISO 639-1 code. */
  readonly byLanguage: Readonly<Record<string, Score>>
}

/** What the rules decide to do about a question. */
export function planOf({ now, timeZone, messages }: Question): Plan {
  const turns = messages.map(({ role, content }) => ({ role, text: content }))
  return plan(understand(turns, { now: new Date(now), timeZone }))
}

/** Whether the desk takes it that answering this changes nothing anywhere, so that it may ask twice and remember the answer. */
export function isHarmless({ now, timeZone, messages }: Question): boolean {
  const conversations = conversationReader({ timeZone, wallTime: () => Date.parse(now) })
  const prompt = messages.map(({ role, content }) => ({ role, content: [{ type: 'text' as const, text: content }] }))
  return conversations.isHarmless({ prompt })
}

/** Asks the rules all of these questions and counts; which of them failed is not told. */
export function measureModelFree(questions: readonly Question[]): ModelFreeScore {
  const whole = { right: 0, total: 0 }
  const byKind: Record<string, { right: number; total: number }> = {}
  const byLanguage: Record<string, { right: number; total: number }> = {}
  for (const question of questions) {
    const { expect, language } = question
    const right = differences(expect, planOf(question)).length === 0
    const kind = expect.kind === 'call' ? `call ${expect.api ?? ''}` : expect.kind
    byKind[kind] ??= { right: 0, total: 0 }
    byLanguage[language] ??= { right: 0, total: 0 }
    for (const count of [whole, byKind[kind], byLanguage[language]]) {
      count.total += 1
      if (right) count.right += 1
    }
  }
  return { ...whole, byKind, byLanguage }
}

/**
 * The interval in which the true share lies with 95 % confidence (Wilson 1927), as shares from 0 to 1: what a few dozen questions
 * more or less right would mean.
 */
export function wilson({ right, total }: Score): readonly [low: number, high: number] {
  if (total === 0) return [0, 1]
  const z = 1.959964
  const share = right / total
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total))
  const centre = share + (z * z) / (2 * total)
  const scale = 1 + (z * z) / total
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}
