import type { Events } from '../events/events.ts'

/** The members of a union of events that may have this type; one member may have several types. */
export type EventOfType<Event extends { readonly type: string }, Type extends string> = Event extends unknown
  ? Type extends Event['type']
    ? Event
    : never
  : never

/** What came over a channel since the recording began. */
export interface EventRecord<Event extends { readonly type: string }> {
  /** All of them, in order. */
  readonly all: readonly Event[]
  /** Their types, in order. */
  readonly types: readonly Event['type'][]
  /** Those of one type. */
  of<Type extends Event['type']>(type: Type): readonly EventOfType<Event, Type>[]
  /** Forgets what came so far. */
  clear(): void
  /** Ends the recording. */
  stop(): void
}

/** Records everything that a channel reports. */
export function recordEvents<Event extends { readonly type: string }>(events: Events<Event>): EventRecord<Event> {
  const all: Event[] = []
  const stop = events.on((event) => void all.push(event))
  return {
    all,
    get types(): readonly Event['type'][] {
      return all.map((event) => event.type)
    },
    of: <Type extends Event['type']>(type: Type) =>
      all.filter((event): event is EventOfType<Event, Type> & Event => event.type === type),
    clear: () => void all.splice(0),
    stop,
  }
}
