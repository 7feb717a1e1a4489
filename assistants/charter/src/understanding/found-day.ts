import type { Day } from './calendar.ts'

/** A stretch of a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A day that a text names, before it is clear whether it is meant. */
export interface FoundDay extends Span {
  readonly day: Day
  readonly relative: boolean
  /** Higher ranks give way to lower ones they overlap. */
  readonly rank: number
  readonly opensRange?: boolean
  readonly kind?: 'weekday' | 'day'
  /** Named by a feast. */
  readonly feast?: boolean
}

/** Where a match stands. */
export function span(match: RegExpExecArray): Span {
  return { start: match.index, end: match.index + match[0].length }
}
