import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { getAirportByIcao } from 'airport-data-js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

/** The format of `questions.jsonl` and `practice.jsonl`; what each field means and how an answer is compared with it is in `QUESTIONS.md`. */
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
  id: z.string().regex(/^[pq]\d{3}$/),
  half: z.enum(['tune', 'held-out', 'practice']),
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

const read = (file: string): Question[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => question.parse(JSON.parse(line)))
const questions = read('questions.jsonl')
const practice = read('practice.jsonl')
const all = [...questions, ...practice]

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
const count = (half: Question['half'], of: (q: Question) => string): Map<string, number> =>
  questions
    .filter((q) => q.half === half)
    .reduce((counts, q) => counts.set(of(q), (counts.get(of(q)) ?? 0) + 1), new Map<string, number>())

/** The ids of the questions for which the rule does not hold. */
const offenders = (holds: (q: Question) => boolean, of = all): string[] => of.filter((q) => !holds(q)).map((q) => q.id)

describe('questions.jsonl and practice.jsonl', () => {
  it('gives every question an id of its own', () => {
    expect(new Set(all.map((q) => q.id)).size).toBe(all.length)
  })

  it('asks no question twice', () => {
    expect(new Set(all.map((q) => JSON.stringify(q.messages).toLowerCase())).size).toBe(all.length)
  })

  it('assigns the half by the hash of the id', () => {
    const byHash = (id: string): Question['half'] =>
      createHash('sha256').update(id).digest().readUInt8(0) % 2 === 0 ? 'tune' : 'held-out'
    expect(offenders((q) => q.half === byHash(q.id), questions)).toEqual([])
    expect(offenders((q) => q.half === 'practice' && q.id.startsWith('p'), practice)).toEqual([])
  })

  it('lets user and assistant take turns, the user first and last', () => {
    const takesTurns = ({ messages }: Question): boolean =>
      messages.length % 2 === 1 && messages.every((m, i) => m.role === (i % 2 === 0 ? 'user' : 'assistant'))
    expect(offenders(takesTurns)).toEqual([])
  })

  it('names only airports that exist in airport-data-js', async () => {
    const codes = [...new Set(all.flatMap((q) => segmentsOf(q).flatMap((leg) => [...leg.from, ...leg.to])))]
    const found = await Promise.all(
      codes.map((code) =>
        getAirportByIcao(code).then(
          (airports) => airports.length === 1,
          () => false,
        ),
      ),
    )
    expect(codes.length).toBeGreaterThan(100)
    expect(codes.filter((_, i) => !found[i])).toEqual([])
  })

  it('starts no leg where it ends', () => {
    expect(offenders((q) => segmentsOf(q).every((leg) => !leg.from.some((code) => leg.to.includes(code))))).toEqual([])
  })

  it('dates every leg today or later, within a year, and the legs in order', () => {
    const inOrder = (q: Question): boolean => {
      const aYearOn = new Date(Date.parse(q.now) + 366 * 86_400_000).toISOString().slice(0, 10)
      const days = [today(q), ...segmentsOf(q).flatMap(datesOf), aYearOn]
      return days.every((day, i) => i === 0 || day >= (days[i - 1] ?? ''))
    }
    expect(offenders(inOrder)).toEqual([])
  })

  it('puts a single leg that names one weekday in English on that weekday', () => {
    const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
    const namedIn = (q: Question): string[] =>
      weekdays.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(q.messages.at(-1)?.content ?? ''))
    const checked = all.filter((q) => q.language === 'en' && segmentsOf(q).length === 1 && namedIn(q).length === 1)
    const weekdayOf = (day: string): string | undefined => weekdays[new Date(`${day}T12:00:00Z`).getUTCDay()]
    expect(checked.length).toBeGreaterThan(15)
    expect(
      checked
        .filter((q) =>
          segmentsOf(q)
            .flatMap(datesOf)
            .some((day) => weekdayOf(day) !== namedIn(q)[0]),
        )
        .map((q) => q.id),
    ).toEqual([])
  })

  it('has at least 150 questions, 70 in each half, and a similar mix in both', () => {
    expect(questions.length).toBeGreaterThanOrEqual(150)
    expect(questions.filter((q) => q.half === 'tune').length).toBeGreaterThanOrEqual(70)
    expect(questions.filter((q) => q.half === 'held-out').length).toBeGreaterThanOrEqual(70)
    for (const of of [kind, (q: Question) => q.language]) {
      const tune = count('tune', of)
      const heldOut = count('held-out', of)
      const uneven = [...new Set([...tune.keys(), ...heldOut.keys()])].filter((key) => {
        const [a, b] = [tune.get(key) ?? 0, heldOut.get(key) ?? 0]
        return Math.abs(a - b) > Math.max(3, 0.1 * (a + b))
      })
      expect(uneven).toEqual([])
    }
  })
})
