import { airportByIata } from '../understanding/index.ts'
import type { Plan } from '../rules/plan.ts'
import type { Expected, ExpectedSegment } from './questions.ts'

/** How a plan differs from what was expected, in words; empty when it is right. */
export function differences(expected: Expected, plan: Plan): string[] {
  if (expected.kind !== plan.kind) return [`${expected.kind} expected, got ${plan.kind} ${detail(plan)}`]
  if (plan.kind === 'refuse') return plan.reason === expected.reason ? [] : [`refused as ${plan.reason}`]
  if (plan.kind === 'ask') {
    const asked = [...new Set(plan.missing.map(asName))].sort().join()
    const wanted = [...new Set((expected.missing ?? []).map(asName))].sort().join()
    return asked === wanted ? [] : [`asked for ${asked}, not ${wanted}`]
  }
  if (plan.kind !== 'call') return []
  return callDifferences(expected, plan.tool, plan.input)
}

/** How a tool call differs from what was expected. */
export function callDifferences(expected: Expected, tool: string, input: Readonly<Record<string, unknown>>): string[] {
  const wrong: string[] = []
  const say = (right: boolean, name: string): void => {
    if (!right) wrong.push(`${name}: ${JSON.stringify(input[name] ?? null)}`)
  }
  if (!asList<string>(expected.tool).includes(tool)) return [`called ${tool}`]
  if (expected.segments !== undefined) {
    const legs = Array.isArray(input['segments']) ? (input['segments'] as Record<string, string>[]) : []
    const right =
      legs.length === expected.segments.length && expected.segments.every((leg, i) => legFits(leg, legs[i] ?? {}))
    say(right, 'segments')
  }
  if (expected.passengers !== undefined)
    say(asList(expected.passengers).includes(input['passengers'] as number), 'passengers')
  if (expected.category !== undefined) {
    const said = plainCategory(text(input['category']))
    say(expected.category === null ? said === '' : expected.category.map(plainCategory).includes(said), 'category')
  }
  if (expected.requestId !== undefined)
    say(
      expected.requestId.some((id) => same(id, text(input['requestId']))),
      'requestId',
    )
  const enriching = tool === 'enrich_person'
  const among = (wanted: readonly string[] | undefined, name: string, ...fields: string[]): void => {
    if (wanted === undefined) return
    const values = fields.flatMap((field) => asList(input[field]).map((value) => text(value).toLowerCase()))
    say(
      wanted.some((part) => values.some((value) => value.includes(part.toLowerCase()))),
      name,
    )
  }
  among(expected.titles, 'titles', 'titles', ...(tool === 'find_people' ? ['seniorities'] : []))
  among(expected.locations, 'locations', 'locations')
  among(expected.keywords, 'keywords', 'keywords', ...(tool === 'find_people' ? ['organisations', 'titles'] : []))
  among(
    expected.organisations,
    enriching ? 'organisation' : 'organisations',
    ...(enriching ? ['organisation', 'domain'] : ['organisations']),
  )
  among(expected.name, 'name', 'name')
  among(expected.sequence, 'sequence', 'sequence')
  among(expected.operator, 'operator', 'operator')
  if (expected.base !== undefined)
    say(
      expected.base.some((base) => baseFits(base, text(input['base']))),
      'base',
    )
  if (expected.email !== undefined) say(same(expected.email, text(input['email'])), 'email')
  if (expected.emails !== undefined) {
    const set = (list: readonly unknown[]): string =>
      [...new Set(list.map((mail) => text(mail).toLowerCase()))].sort().join()
    say(set(expected.emails) === set(asList(input['emails'])), 'emails')
  }
  return wrong
}

function legFits(expected: ExpectedSegment, leg: Record<string, string>): boolean {
  return (
    expected.from.includes(leg['from'] ?? '') &&
    expected.to.includes(leg['to'] ?? '') &&
    asList(expected.date).includes(leg['date'] ?? '') &&
    (expected.time === undefined || expected.time === leg['time'])
  )
}

function baseFits(expected: string, base: string): boolean {
  if (!/^[A-Z]{3,4}$/.test(expected)) return base.toLowerCase().includes(expected.toLowerCase())
  return base === expected || airportByIata(expected)?.icao === base
}

function detail(plan: Plan): string {
  if (plan.kind === 'call') return `${plan.tool} ${JSON.stringify(plan.input)}`
  return plan.kind === 'ask' ? plan.missing.join() : plan.kind === 'refuse' ? plan.reason : ''
}

function asName(missing: string): string {
  return missing === 'quoteRequestId' ? 'requestId' : missing
}

function asList<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function plainCategory(category: string): string {
  return category
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '')
    .replace(/jets?$/, '')
}
