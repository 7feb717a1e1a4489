import { SKETCH_DEFAULTS } from './options.ts'
import { LogSketch } from './sketch.ts'

/** Keys that are told apart in one place; an error's code, say, may be any word. */
const MOST_KEYS = 64

/** The name under which all is counted that finds no room. */
export const OTHER = 'other'

/** Numbers by key. */
export type Tally = Record<string, number>

/** How often an event of one type came, and what it said. */
export interface EventTally {
  count: number
  readonly byCategory: Tally
  readonly byCode: Tally
  readonly byAttempt: Tally
}

/** What happened in one stretch of time. */
export class Slice {
  /** Which stretch: its number since the clock's origin. */
  readonly epoch: number
  /** By type. */
  readonly events: Record<string, EventTally> = new EmptyRecord()
  readonly durations: LogSketch = new LogSketch(SKETCH_DEFAULTS.relativeError)
  readonly firstOutputs: LogSketch = new LogSketch(SKETCH_DEFAULTS.relativeError)

  constructor(epoch: number = 0) {
    this.epoch = epoch
  }

  of(type: string): EventTally {
    return (this.events[type] ??= newEventTally())
  }

  add(other: Slice): void {
    for (const type in other.events) {
      const [to, from] = [this.of(type), other.of(type)]
      to.count += from.count
      addAll(to.byCategory, from.byCategory)
      addAll(to.byCode, from.byCode)
      addAll(to.byAttempt, from.byAttempt)
    }
    this.durations.merge(other.durations)
    this.firstOutputs.merge(other.firstOutputs)
  }
}

/** Adds to the number under a key, if there is one. */
export function add(tally: Tally, key: string | number | undefined, by: number = 1): void {
  if (key === undefined) return
  const known = tally[key]
  if (known === undefined && key !== OTHER && Object.keys(tally).length >= MOST_KEYS) add(tally, OTHER, by)
  else tally[key] = (known ?? 0) + by
}

export function newEventTally(): EventTally {
  return { count: 0, byCategory: new EmptyRecord(), byCode: new EmptyRecord(), byAttempt: new EmptyRecord() }
}

function addAll(to: Tally, from: Tally): void {
  for (const key in from) add(to, key, from[key])
}

/** Without inherited keys, since any word may be a key; smaller and faster than what `Object.create(null)` makes. */
export const EmptyRecord: new <T>() => Record<string, T> = /* @__PURE__ */ (() => {
  const make = function (): void {}
  make.prototype = Object.create(null)
  return make as never
})()
