import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { getAirportByIcao } from 'airport-data-js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

/** The format of `questions.jsonl`; what each field means and how an answer is compared with it is in `QUESTIONS.md`. */
const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(2)])
const accepted = z.array(z.string().min(2)).min(1)
const date = z.iso.date()
const segment = z.strictObject({
  from: z.array(z.string().regex(/^[A-Z]{4}$/)).min(1),
  to: z.array(z.string().regex(/^[A-Z]{4}$/)).min(1),
  date: oneOrMore(date),
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
})
const flightTool = z.enum(['search_aircraft', 'request_quote'])
const flight = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('avinode'),
  tool: oneOrMore(flightTool),
  segments: z.array(segment).min(1),
  passengers: oneOrMore(z.int().positive()),
  category: accepted.nullable().optional(),
})
const quotes = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('avinode'),
  tool: z.literal('read_quotes'),
  requestId: accepted,
})
const fleet = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('avinode'),
  tool: z.literal('list_fleet'),
  category: accepted.optional(),
  operator: accepted.optional(),
  base: accepted.optional(),
})
const people = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('apollo'),
  tool: z.literal('find_people'),
  titles: accepted,
  locations: accepted.optional(),
  organisations: accepted.optional(),
  keywords: accepted.optional(),
})
const person = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('apollo'),
  tool: z.literal('enrich_person'),
  name: accepted.optional(),
  email: z.email().optional(),
  organisations: accepted.optional(),
})
const organisations = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('apollo'),
  tool: z.literal('find_organisations'),
  name: accepted.optional(),
  locations: accepted.optional(),
  keywords: accepted.optional(),
})
const sequence = z.strictObject({
  kind: z.literal('call'),
  api: z.literal('apollo'),
  tool: z.literal('add_to_sequence'),
  emails: z.array(z.email()).min(1),
  sequence: accepted,
})
const slot = z.enum(['from', 'to', 'date', 'passengers', 'person', 'sequence', 'requestId'])
const expectation = z.union([
  flight,
  quotes,
  fleet,
  people,
  person,
  organisations,
  sequence,
  z.strictObject({ kind: z.literal('ask'), missing: z.array(slot).min(1) }),
  z.strictObject({ kind: z.literal('refuse'), reason: z.enum(['out-of-scope', 'misuse']) }),
  z.strictObject({ kind: z.literal('greet') }),
])
const question = z.strictObject({
  id: z.string().regex(/^q\d{3}$/),
  half: z.enum(['tune', 'held-out']),
  language: z.enum(['en', 'it', 'de', 'fr', 'es', 'pt']),
  now: z.iso.datetime(),
  timeZone: z.string().min(1),
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.string().min(1) }))
    .min(1)
    .max(4),
  expect: expectation,
  note: z.string().optional(),
})
type Question = z.infer<typeof question>

const lines = readFileSync(new URL('questions.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
const questions: Question[] = lines.map((line) => question.parse(JSON.parse(line)))

const segmentsOf = (q: Question): z.infer<typeof segment>[] => ('segments' in q.expect ? q.expect.segments : [])
const datesOf = (leg: z.infer<typeof segment>): string[] => [leg.date].flat()
const today = (q: Question): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: q.timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(q.now),
  )
const kind = (q: Question): string =>
  q.expect.kind === 'call'
    ? [q.expect.tool].flat().join(' or ')
    : q.expect.kind === 'refuse'
      ? q.expect.reason
      : q.expect.kind

describe('questions.jsonl', () => {
  it('gives every question an id of its own', () => {
    expect(new Set(questions.map((q) => q.id)).size).toBe(questions.length)
  })

  it('asks no question twice', () => {
    expect(new Set(questions.map((q) => JSON.stringify(q.messages).toLowerCase())).size).toBe(questions.length)
  })

  it('assigns the half by the hash of the id', () => {
    for (const q of questions) {
      const first = createHash('sha256').update(q.id).digest()[0] ?? 0
      expect(q.half, q.id).toBe(first % 2 === 0 ? 'tune' : 'held-out')
    }
  })

  it('lets user and assistant take turns, the user first and last', () => {
    for (const q of questions) {
      expect(q.messages.length % 2, q.id).toBe(1)
      q.messages.forEach((m, i) => expect(m.role, q.id).toBe(i % 2 === 0 ? 'user' : 'assistant'))
    }
  })

  it('names only airports that exist in airport-data-js', async () => {
    const codes = new Set(questions.flatMap((q) => segmentsOf(q).flatMap((leg) => [...leg.from, ...leg.to])))
    for (const code of codes) expect(await getAirportByIcao(code), code).toHaveLength(1)
  })

  it('starts no leg where it ends', () => {
    for (const q of questions)
      for (const leg of segmentsOf(q))
        expect(
          leg.from.filter((code) => leg.to.includes(code)),
          q.id,
        ).toEqual([])
  })

  it('dates every leg today or later, within a year, and the legs in order', () => {
    for (const q of questions) {
      const start = today(q)
      const latest = new Date(Date.parse(q.now) + 366 * 86_400_000).toISOString().slice(0, 10)
      let before = start
      for (const leg of segmentsOf(q)) {
        for (const day of datesOf(leg)) {
          expect(day >= before && day <= latest, `${q.id}: ${day} with today ${start}`).toBe(true)
        }
        before = datesOf(leg).toSorted()[0] ?? before
      }
    }
  })

  it('puts a leg that names one weekday in English on that weekday', () => {
    const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
    let checked = 0
    for (const q of questions) {
      const legs = segmentsOf(q)
      const text = q.messages.at(-1)?.content ?? ''
      const named = weekdays.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(text))
      if (q.language !== 'en' || legs.length !== 1 || named.length !== 1) continue
      for (const day of legs.flatMap(datesOf)) {
        expect(weekdays[new Date(`${day}T12:00:00Z`).getUTCDay()], `${q.id}: ${day}`).toBe(named[0])
        checked += 1
      }
    }
    expect(checked).toBeGreaterThan(15)
  })

  it('knows every time zone', () => {
    for (const q of questions) expect(() => today(q), q.id).not.toThrow()
  })

  it('has at least 150 questions, 70 in each half, and a similar mix in both', () => {
    const count = (half: Question['half'], of: (q: Question) => string): Map<string, number> =>
      questions
        .filter((q) => q.half === half)
        .reduce((counts, q) => counts.set(of(q), (counts.get(of(q)) ?? 0) + 1), new Map<string, number>())
    expect(questions.length).toBeGreaterThanOrEqual(150)
    for (const half of ['tune', 'held-out'] as const) {
      expect(questions.filter((q) => q.half === half).length).toBeGreaterThanOrEqual(70)
    }
    for (const of of [kind, (q: Question) => q.language]) {
      const tune = count('tune', of)
      const heldOut = count('held-out', of)
      for (const key of new Set([...tune.keys(), ...heldOut.keys()])) {
        const [a, b] = [tune.get(key) ?? 0, heldOut.get(key) ?? 0]
        expect(Math.abs(a - b), `${key}: ${a} and ${b}`).toBeLessThanOrEqual(Math.max(3, 0.1 * (a + b)))
      }
    }
  })
})
