import type { Service } from '../services.ts'

/** One request that reached a stand-in. */
export interface RequestRecord {
  readonly service: Service
  readonly method: string
  /** Path without the query. */
  readonly path: string
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number
  /** True while it is unanswered or its answer unfinished and its socket alive. */
  readonly open: boolean
  readonly status?: number
  /** The fault that touched it. */
  readonly fault?: string
  /** True when the client left before the answer was whole. */
  readonly aborted?: boolean
  readonly durationMs?: number
  /** Its `x-request-id`, where it has one; kept for the newest requests only. */
  readonly requestId?: string
  /** Query string, secrets removed; kept for the newest requests only. */
  readonly query?: string
  /** Body, secrets removed and cut to 8 KiB; kept for the newest requests only. */
  readonly body?: string
}

/** What a journal counts in one slice of time. */
export interface SummarySlice {
  readonly service: Service
  /** Start of the slice, in milliseconds since 1970. */
  readonly at: number
  readonly sliceMs: number
  readonly requests: number
  readonly faulted: number
  readonly aborted: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface Count {
  requests: number
  faulted: number
  aborted: number
}

const SECRET_IN_JSON = /("[^"\\]*(?:key|token|secret|password|authorization)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi
const SECRET_IN_QUERY = /((?:^|&)[^=&]*(?:key|token|secret|password|authorization|assertion)(?:%5B%5D|\[\])?=)[^&]*/gi
const BODY_CHARACTERS = 8_192
const REQUEST_ID_CHARACTERS = 128

/** What the stand-ins received: the newest requests one by one, and counts per second for longer. */
export class Journal {
  readonly #maxRecords: number
  readonly #maxBodies: number
  readonly #maxSeconds: number
  readonly #now: () => number
  #records: Writable<RequestRecord>[] = []
  #withBody: Writable<RequestRecord>[] = []
  readonly #seconds = new Map<number, Map<string, Count>>()

  constructor(
    options: {
      readonly maxRecords?: number
      readonly maxBodies?: number
      readonly maxSeconds?: number
      readonly now?: () => number
    } = {},
  ) {
    this.#maxRecords = options.maxRecords ?? 10_000
    this.#maxBodies = options.maxBodies ?? 500
    this.#maxSeconds = options.maxSeconds ?? 3_600
    this.#now = options.now ?? Date.now
  }

  /** Notes an arrival. */
  arrived(service: Service, method: string, path: string): Entry {
    const at = this.#now()
    const record: Writable<RequestRecord> = { service, method, path, at, open: true }
    this.#records.push(record)
    // Dropping many at a time keeps the cost per request constant.
    if (this.#records.length >= this.#maxRecords * 2) this.#records = this.#records.slice(-this.#maxRecords)
    const count = this.#count(at, `${service} ${path}`)
    count.requests += 1
    return {
      kept: (query, body, requestId) => this.#keep(record, query, body, requestId),
      faulted: (fault) => {
        record.fault = fault
        count.faulted += 1
      },
      ended: ({ status, aborted }) => {
        if (!record.open) return
        record.open = false
        record.durationMs = this.#now() - at
        if (status !== undefined) record.status = status
        if (aborted) {
          record.aborted = true
          count.aborted += 1
        }
      },
    }
  }

  /** The newest requests, oldest first. */
  list(filter: { readonly service?: Service; readonly bodies?: boolean } = {}): RequestRecord[] {
    return this.#records
      .slice(-this.#maxRecords)
      .filter((record) => filter.service === undefined || record.service === filter.service)
      .map((record) => {
        if (filter.bodies) return { ...record }
        const { requestId: _, query: __, body: ___, ...rest } = record
        return rest
      })
  }

  /** Counts per slice of `sliceMs` (whole seconds), empty slices left out, oldest first. */
  summary(
    filter: { readonly service?: Service; readonly path?: string; readonly sliceMs?: number } = {},
  ): SummarySlice[] {
    const sliceMs = filter.sliceMs ?? 1_000
    const slices = new Map<string, Writable<SummarySlice>>()
    for (const [second, counts] of this.#seconds) {
      const at = Math.floor((second * 1_000) / sliceMs) * sliceMs
      for (const [key, count] of counts) {
        const [service, path] = splitKey(key)
        if (filter.service !== undefined && service !== filter.service) continue
        if (filter.path !== undefined && !path.startsWith(filter.path)) continue
        const slice = slices.get(`${service} ${at}`) ?? {
          service,
          at,
          sliceMs,
          requests: 0,
          faulted: 0,
          aborted: 0,
        }
        slice.requests += count.requests
        slice.faulted += count.faulted
        slice.aborted += count.aborted
        slices.set(`${service} ${at}`, slice)
      }
    }
    return [...slices.values()].toSorted((a, b) => a.at - b.at || a.service.localeCompare(b.service))
  }

  /** Forgets everything; requests still open are no longer listed. */
  clear(): void {
    this.#records = []
    this.#withBody = []
    this.#seconds.clear()
  }

  #keep(record: Writable<RequestRecord>, query: string, body: string, requestId = ''): void {
    if (requestId !== '') record.requestId = requestId.slice(0, REQUEST_ID_CHARACTERS)
    if (query !== '') record.query = query.replaceAll(SECRET_IN_QUERY, '$1removed')
    if (body !== '') record.body = withoutSecrets(body).slice(0, BODY_CHARACTERS)
    this.#withBody.push(record)
    if (this.#withBody.length <= this.#maxBodies) return
    const oldest = this.#withBody.shift()
    delete oldest?.requestId
    delete oldest?.query
    delete oldest?.body
  }

  #count(at: number, key: string): Count {
    const second = Math.floor(at / 1_000)
    let counts = this.#seconds.get(second)
    if (counts === undefined) {
      counts = new Map()
      this.#seconds.set(second, counts)
      for (const oldest of this.#seconds.keys()) {
        if (this.#seconds.size <= this.#maxSeconds) break
        this.#seconds.delete(oldest)
      }
    }
    // Paths hold ids, so their number has no bound; past a hundred in one second they count as one.
    const bounded = counts.size < 100 || counts.has(key) ? key : `${splitKey(key)[0]} *`
    let count = counts.get(bounded)
    if (count === undefined) {
      count = { requests: 0, faulted: 0, aborted: 0 }
      counts.set(bounded, count)
    }
    return count
  }
}

/** The hand a stand-in holds on one record. */
export interface Entry {
  /** Keeps query and body with their secrets removed, and the request's id. */
  kept(query: string, body: string, requestId?: string): void
  /** Notes which fault touched the request. */
  faulted(fault: string): void
  /** Notes the end; only the first call counts. */
  ended(end: { readonly status?: number; readonly aborted: boolean }): void
}

function splitKey(key: string): [service: Service, path: string] {
  const space = key.indexOf(' ')
  return [key.slice(0, space) as Service, key.slice(space + 1)]
}

/** A body is JSON, or a form. */
function withoutSecrets(body: string): string {
  return /^[\w.%-]+=/.test(body)
    ? body.replaceAll(SECRET_IN_QUERY, '$1removed')
    : body.replaceAll(SECRET_IN_JSON, '$1"removed"')
}
