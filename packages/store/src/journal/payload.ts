import { frame } from './frame.ts'

/** The version of what stands in a line. */
const VERSION = 1

/** The first line of a segment. */
export interface Header {
  readonly segment: number
  /** The first number that this segment gives. A record with a lower one was moved here from an older segment. */
  readonly first: number
  /** The last number that an older segment had given and kept. Those up to `first` were refused, and count for nothing there. */
  readonly follows: number
  /** Records are missing in it, and that was told. */
  readonly repaired: boolean
}

/** A record, as it was accepted. */
export interface Accepted {
  readonly record: number
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  readonly tenant: string
  readonly kind: string
  readonly key: string
  /** Checksum of the data as JSON, to tell the same record from another one with its key. */
  readonly check: string
  readonly data: unknown
}

/** A record was handled. Says whose key must not be taken again. */
export interface Done {
  readonly done: number
  readonly at: number
  readonly tenant: string
  readonly kind: string
  readonly key: string
  readonly check: string
}

export type Payload = Header | Accepted | Done

export function headerFrame({ segment, first, follows, repaired }: Header, at: number): Buffer {
  return frame(
    JSON.stringify({ v: VERSION, segment, at: time(at), first, follows, ...(repaired ? { repaired } : undefined) }),
  )
}

/** @param data as JSON */
export function acceptedFrame({ record, at, tenant, kind, key, check }: Omit<Accepted, 'data'>, data: string): Buffer {
  const json = JSON.stringify({ v: VERSION, record, at: time(at), tenant, kind, key, check })
  return frame(`${json.slice(0, -1)},"data":${data}}`)
}

export function doneFrame({ done, at, tenant, kind, key, check }: Done): Buffer {
  return frame(JSON.stringify({ v: VERSION, done, at: time(at), tenant, kind, key, check }))
}

/** What a line says: `newer` when only a later version of this package knows, `undefined` when it is no line of a journal. */
export function readPayload(value: unknown): Payload | 'newer' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const line = value as Readonly<Record<string, unknown>>
  if (typeof line['v'] === 'number' && line['v'] > VERSION) return 'newer'
  if (line['v'] !== VERSION) return undefined
  if (isNumber(line['segment'])) {
    const { segment, first, follows } = line
    return isNumber(first) && isNumber(follows)
      ? { segment, first, follows, repaired: line['repaired'] === true }
      : undefined
  }
  const at = Date.parse(String(line['at']))
  const { tenant, kind, key, check } = line
  if (!isText(tenant) || !isText(kind) || !isText(key) || !isText(check) || Number.isNaN(at)) return undefined
  if (isNumber(line['record'])) return { record: line['record'], at, tenant, kind, key, check, data: line['data'] }
  if (isNumber(line['done'])) return { done: line['done'], at, tenant, kind, key, check }
  return undefined
}

/** For people, who read these files when something is wrong. */
function time(at: number): string {
  return new Date(at).toISOString()
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
