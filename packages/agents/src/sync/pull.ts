import { syncError } from './failures.ts'
import type { Source, SourcePage } from './options.ts'
import type { JsonValue } from './record.ts'
import { MAX_BATCH } from './reconcile.ts'
import type { IngestResult, PullResult, Sync } from './sync.ts'

const MAX_PAGES = 10_000
/** Refused records that a pull tells of. */
const MAX_REFUSED = 1_000

/** Reads a source on from a cursor, and keeps each page with its own. */
export async function pullPages(
  source: Source,
  name: string,
  tenant: string,
  sync: Pick<Sync, 'ingest'>,
  options: { readonly maxPages?: number | undefined; readonly signal?: AbortSignal | undefined },
  from: JsonValue | undefined,
): Promise<PullResult> {
  const { maxPages = MAX_PAGES, signal } = options
  if (!Number.isInteger(maxPages) || maxPages < 1 || maxPages > 1_000_000) {
    throw syncError('INVALID_OPTION', 'validation', 'maxPages must be a whole number from 1 to 1,000,000')
  }
  signal?.throwIfAborted()
  const ended = new AbortController()
  const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
  const pages = source.read(from, { tenant, signal: either })[Symbol.asyncIterator]()
  let total: PullResult = { changed: 0, unchanged: 0, late: 0, forgotten: 0, refused: [], pages: 0, complete: false }
  let after = from
  try {
    while (total.pages < maxPages) {
      const { value: page, done } = await unlessAborted(pages.next(), signal)
      if (done === true) return { ...total, complete: true }
      for (const result of await keep(page, name, tenant, sync, after, signal)) total = add(total, result)
      after = page.cursor
      total = { ...total, pages: total.pages + 1 }
    }
    return total
  } finally {
    ended.abort()
    // Not waited for: one that hangs would hold up whoever gave up.
    void Promise.resolve(pages.return?.()).catch(() => undefined)
  }
}

/** A page that is too long for one transaction has its cursor in the last of them: after a crash its records come again, and change nothing. */
async function keep(
  page: SourcePage,
  source: string,
  tenant: string,
  sync: Pick<Sync, 'ingest'>,
  after: JsonValue | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly IngestResult[]> {
  const results: IngestResult[] = []
  const { records, cursor: value } = page
  let from = 0
  for (; records.length - from > MAX_BATCH; from += MAX_BATCH) {
    results.push(await sync.ingest(tenant, records.slice(from, from + MAX_BATCH), { signal }))
  }
  results.push(await sync.ingest(tenant, records.slice(from), { cursor: { source, value, after }, signal }))
  return results
}

function add(total: PullResult, result: IngestResult): PullResult {
  return {
    ...total,
    changed: total.changed + result.changed,
    unchanged: total.unchanged + result.unchanged,
    late: total.late + result.late,
    forgotten: total.forgotten + result.forgotten,
    refused: [...total.refused, ...result.refused].slice(0, MAX_REFUSED),
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
