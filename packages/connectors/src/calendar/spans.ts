import type { FreeBusy, TimeSpan } from './types.ts'

/** Busy spans in order and put together, and what is left of a span between them. */
export function freeBetween(from: string, to: string, taken: readonly TimeSpan[]): FreeBusy {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const spans = taken
    .map((span) => ({ start: Math.max(Date.parse(span.start), begin), end: Math.min(Date.parse(span.end), end) }))
    .filter((span) => span.start < span.end)
    .sort((a, b) => a.start - b.start)
  const busy: { start: number; end: number }[] = []
  for (const span of spans) {
    const last = busy.at(-1)
    if (last === undefined || span.start > last.end) busy.push({ ...span })
    else last.end = Math.max(last.end, span.end)
  }
  const free: { start: number; end: number }[] = []
  let at = begin
  for (const span of busy) {
    if (span.start > at) free.push({ start: at, end: span.start })
    at = span.end
  }
  if (at < end) free.push({ start: at, end })
  return { busy: busy.map(written), free: free.map(written) }
}

function written({ start, end }: { readonly start: number; readonly end: number }): TimeSpan {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
}
