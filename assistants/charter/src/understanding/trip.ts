import { addDays, comingDayOfMonth, comingWeekday, isoDay, localToday, weekday } from './calendar.ts'
import type { Day } from './calendar.ts'
import type { DateMention } from './dates.ts'
import type { Frame } from './frame.ts'
import { isNear } from './chain.ts'
import type { PlaceMention } from './places.ts'
import { chooseAirport } from './route.ts'
import type { Leg } from './route.ts'
import type { Segment, Understanding, UnderstandOptions } from './types.ts'

/** The trip after a message: its own legs, or the earlier ones with what it changes. */
export function mergeTrip(
  frame: Frame,
  before: Understanding | undefined,
  options: UnderstandOptions,
): { segments: readonly Segment[]; relativeDate: boolean } {
  const { route } = frame
  const today = localToday(options.now, options.timeZone)
  const said = route.legs.map(bare)
  const earlier = before?.segments ?? []
  const relative = frame.when.dates.some((date) => date.relative)
  if (earlier.length === 0) {
    const segments = said.length > 0 ? said : alone(frame)
    return { segments, relativeDate: relative }
  }
  const whole = route.legs.filter((leg) => leg.from !== undefined && leg.to !== undefined && !leg.implied)
  const relativeDate = relative || (before?.relativeDate ?? false)
  if (whole.length > 0 && whole.length >= route.legs.filter((leg) => !leg.implied).length) {
    // A route of its own. What it leaves open stays as it was when the message goes on with the talk.
    return {
      segments: said.map((leg, i) => ({ ...leg, ...(leg.date === undefined ? dateOf(earlier[i] ?? earlier[0]) : {}) })),
      relativeDate,
    }
  }
  if (route.onlyBack) return { segments: changeDates(frame, [wayBack(earlier)], today), relativeDate }
  if (route.reverses && frame.places.length === 0) {
    const turned = earlier.toReversed().map(({ from, to, ...rest }) => ({
      ...rest,
      ...(to === undefined ? {} : { from: to }),
      ...(from === undefined ? {} : { to: from }),
    }))
    return { segments: changeDates(frame, turned, today), relativeDate }
  }
  let segments = changePlaces(frame, earlier, options)
  segments = addReturn(frame, segments)
  segments = changeDates(frame, segments, today)
  return { segments, relativeDate }
}

function bare(leg: Leg): Segment {
  const { from, to, date, time } = leg
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(date === undefined ? {} : { date }),
    ...(time === undefined ? {} : { time }),
  }
}

/** A message with a day and no place. */
function alone(frame: Frame): Segment[] {
  const [date] = frame.route.spareDates
  const [time] = frame.route.spareTimes
  if (date === undefined && time === undefined) return []
  return [{ ...(date === undefined ? {} : { date: date.date }), ...(time === undefined ? {} : { time: time.time }) }]
}

function dateOf(segment: Segment | undefined): Segment {
  return segment?.date === undefined ? {} : { date: segment.date }
}

/** "From Boston instead", "to Aspen?", "back to New York", or the bare name of a place. */
function changePlaces(frame: Frame, earlier: readonly Segment[], options: UnderstandOptions): Segment[] {
  const segments = [...earlier]
  const returns = isReturn(segments)
  const goesOn = /\b(?:then|after that|onwards?|continue|poi|danach|dann|weiter|puis|ensuite|luego|despues|depois)\b/
  const { places, dropped } = frame.route
  for (const mention of places) {
    const code = chooseAirport(mention, places, options.timeZone)
    if (code === undefined) continue
    const head = segments[0] ?? {}
    const last = segments.at(-1) ?? {}
    const onwards = goesOn.test(frame.folded) || frame.route.saysBack
    if (mention.role === 'to' && onwards && head.to !== undefined && last.to !== undefined && !returns) {
      segments.push({ from: last.to, to: code })
    } else if (isOrigin(mention, code, head, dropped)) {
      segments[0] = { ...head, from: code }
      if (returns) segments[1] = { ...segments[1], to: code }
    } else {
      segments[0] = { ...head, to: code }
      if (returns) segments[1] = { ...segments[1], from: code }
    }
  }
  return segments
}

function isReturn(segments: readonly Segment[]): boolean {
  const [out, back] = segments
  return segments.length === 2 && out?.from !== undefined && back?.to === out.from && back.from === out.to
}

/** Whether a place named in a follow-up is where the trip begins: said so, still open, or nearer to that end. */
function isOrigin(mention: PlaceMention, code: string, head: Segment, dropped: readonly PlaceMention[]): boolean {
  if (mention.role === 'from') return true
  if (mention.role === 'to' || mention.role === 'for') return false
  if (head.from === undefined) return head.to !== undefined
  if (head.to === undefined) return false
  const instead = dropped.some(({ places }) => places[0]?.airports.includes(head.from ?? '') === true)
  return instead || (isNear(code, head.from) && !isNear(code, head.to))
}

function addReturn(frame: Frame, segments: Segment[]): Segment[] {
  const [first] = segments
  const last = segments.at(-1)
  if (frame.route.oneWay) return first === undefined ? segments : [first]
  const ranged = segments.length === 1 && frame.when.dates.length === 2 && frame.when.dates[0]?.opensRange === true
  if (
    (!frame.route.returns && !ranged) ||
    first?.from === undefined ||
    last?.to === undefined ||
    last.to === first.from
  )
    return segments
  return [...segments, { from: last.to, to: first.from }]
}

/** The last leg the other way round, on its own. */
function wayBack(earlier: readonly Segment[]): Segment {
  const first = earlier[0]
  const last = earlier.at(-1)
  const known = earlier.length > 1 && last?.to === first?.from
  if (known && last !== undefined) return last
  return {
    ...(last?.to === undefined ? {} : { from: last.to }),
    ...(first?.from === undefined ? {} : { to: first.from }),
  }
}

/** A day or a time said alone: for the leg that lacks one, for the way back if it is spoken of, else for the first. */
function changeDates(frame: Frame, segments: Segment[], today: Day): Segment[] {
  const out = [...segments]
  const { dates, times, shiftDays, shiftMinutes, dropped, weekdayBeside } = frame.when
  if (weekdayBeside !== undefined) {
    const date = out[0]?.date
    if (date !== undefined) {
      const old = Date.parse(`${date}T00:00:00Z`)
      const after = comingWeekday(old, weekdayBeside.weekday)
      out[0] = {
        ...out[0],
        date: isoDay(
          weekdayBeside.direction > 0 ? after : addDays(after, weekday(old) === weekdayBeside.weekday ? -14 : -7),
        ),
      }
      return out
    }
  }
  const target = (key: 'date' | 'time'): number => {
    const replaced = key === 'date' ? out.findIndex(({ date }) => date !== undefined && dropped.includes(date)) : -1
    if (replaced >= 0) return replaced
    if (frame.route.returns && out.length > 1) return out.length - 1
    const open = key === 'date' ? out.findIndex((segment) => segment.date === undefined) : -1
    return Math.max(open, 0)
  }
  if (shiftDays !== undefined && dates.length === 0) {
    const index = target('date')
    const from = out[index]?.date ?? out.findLast((segment) => segment.date !== undefined)?.date
    if (from !== undefined) {
      out[index] = { ...out[index], date: isoDay(addDays(Date.parse(`${from}T00:00:00Z`), shiftDays)) }
    }
  }
  if (dates.length >= 2 && dates.length >= out.length) {
    for (const [index, segment] of out.entries()) {
      const date = dates[index]
      if (date !== undefined) out[index] = { ...segment, date: date.date }
    }
  } else {
    for (const mention of dates) {
      const index = target('date')
      const replaced = out[index]?.date
      const date = replaced === undefined ? notBefore(mention, out[index - 1]?.date) : nearest(mention, replaced, today)
      out[index] = { ...out[index], date }
    }
  }
  for (const { time } of times) out[target('time')] = { ...out[target('time')], time }
  if (shiftMinutes !== undefined && times.length === 0) {
    const index = target('time')
    const time = out[index]?.time
    if (time !== undefined) out[index] = { ...out[index], time: laterTime(time, shiftMinutes) }
  }
  if (frame.route.sameDay) {
    const date = out.find((segment) => segment.date !== undefined)?.date
    if (date !== undefined) return out.map((segment) => ({ date, ...segment }))
  }
  return out
}

function laterTime(time: string, minutes: number): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const total = Math.min(23 * 60 + 59, Math.max(0, hour * 60 + minute + minutes))
  return `${String(Math.floor(total / 60)).padStart(2, '0')}:${String(total % 60).padStart(2, '0')}`
}

/** "No, Thursday" after a Wednesday in three weeks is the Thursday next to it, not the next one from today. */
function nearest({ date, kind }: DateMention, before: string, today: Day): string {
  if (kind === undefined) return date
  const said = Date.parse(`${date}T00:00:00Z`)
  const old = Date.parse(`${before}T00:00:00Z`)
  if (kind === 'weekday') {
    const ahead = (weekday(said) - weekday(old) + 7) % 7
    const near = addDays(old, ahead > 3 ? ahead - 7 : ahead)
    const later = near <= today ? addDays(near, 7) : near
    return isoDay(later === old ? said : later)
  }
  const number = new Date(said).getUTCDate()
  const inMonth = new Date(Date.UTC(new Date(old).getUTCFullYear(), new Date(old).getUTCMonth(), number))
  return inMonth.getUTCDate() === number && inMonth.getTime() >= today ? isoDay(inMonth.getTime()) : date
}

/** A weekday or a day of the month said for the way back is the one after the way out. */
function notBefore({ date, kind }: DateMention, earliest: string | undefined): string {
  if (earliest === undefined || date >= earliest) return date
  const start = Date.parse(`${earliest}T00:00:00Z`)
  if (kind === 'weekday') return isoDay(comingWeekday(addDays(start, -1), weekday(Date.parse(`${date}T00:00:00Z`))))
  return kind === 'day' ? isoDay(comingDayOfMonth(start, Number(date.slice(8))) ?? start) : date
}
