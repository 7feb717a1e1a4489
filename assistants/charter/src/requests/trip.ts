import * as z from 'zod'
import { understand } from '../understanding/index.ts'
import type { UnderstandOptions } from '../understanding/index.ts'

/** What is to be flown. */
export const tripSchema: z.ZodObject<{
  segments: z.ZodArray<
    z.ZodObject<{ from: z.ZodString; to: z.ZodString; date: z.ZodString; time: z.ZodOptional<z.ZodString> }>
  >
  passengers: z.ZodNumber
  category: z.ZodOptional<z.ZodString>
}> = z.object({
  segments: z
    .array(z.object({ from: z.string(), to: z.string(), date: z.string(), time: z.string().optional() }))
    .min(1)
    .max(20),
  passengers: z.number().int().min(1).max(500),
  category: z.string().optional(),
})

export type Trip = z.infer<typeof tripSchema>

/** A trip that was understood, or what has to be asked back. */
export type ReadTrip = { readonly trip: Trip; readonly language: string } | { readonly missing: readonly string[] }

const NAMES: Readonly<Record<string, string>> = {
  from: 'where the trip begins',
  to: 'where it goes',
  date: 'the day',
  passengers: 'how many passengers there are',
}

const ADDRESSES = /[^\s<>(),;:"'[\]]+@[^\s<>(),;:"'[\]]+\.[a-z]{2,}/gi

/** The mail address in a customer's own words; none where there are two, of which nobody knows the right one. */
export function addressIn(text: string): string | undefined {
  const found = new Set((text.match(ADDRESSES) ?? []).map((address) => address.toLowerCase()))
  const [address] = found
  return found.size === 1 && z.email().safeParse(address).success ? address : undefined
}

/** Reads a request in the customer's own words. Whatever it is called, it is taken for a trip. @param name the customer's, which says nothing about it. */
export function readTrip(text: string, name: string | undefined, options: UnderstandOptions): ReadTrip {
  const about = (name === undefined || name.trim() === '' ? text : text.replaceAll(name, ' ')).replaceAll(
    ADDRESSES,
    ' ',
  )
  const turn = { role: 'user', text: about } as const
  const { segments, passengers, category, language } = understand([turn], { ...options, aboutTrip: true })
  const missing = new Set<string>()
  if (segments.length === 0) for (const name of ['from', 'to', 'date']) missing.add(name)
  if (passengers === undefined) missing.add('passengers')
  const legs: Trip['segments'] = []
  for (const { from, to, date, time } of segments) {
    if (from === undefined) missing.add('from')
    if (to === undefined) missing.add('to')
    if (date === undefined) missing.add('date')
    if (from !== undefined && to !== undefined && date !== undefined)
      legs.push({ from, to, date, ...(time === undefined ? {} : { time }) })
  }
  if (missing.size > 0 || passengers === undefined) return { missing: [...missing] }
  return { trip: { segments: legs, passengers, ...(category === undefined ? {} : { category }) }, language }
}

/** What to ask for. */
export function questionFor(missing: readonly string[]): string {
  const names = missing.map((name) => NAMES[name] ?? name)
  const last = names.at(-1) ?? 'more'
  return `Please tell us ${names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last}.`
}

/** `KTEB to KMIA on 2026-11-27`, leg by leg. */
export function tripInWords({ segments, passengers }: Trip): string {
  const legs = segments.map(
    ({ from, to, date, time }) => `${from} to ${to} on ${date}${time === undefined ? '' : ` at ${time}`}`,
  )
  return `${legs.join(', then ')}, for ${passengers} ${passengers === 1 ? 'passenger' : 'passengers'}`
}
