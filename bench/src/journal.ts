/**
 * What it costs to have a record on the disk: `node --conditions=holdfast-source bench/src/journal.ts [directory]`. The directory should be on the disk that is
 * meant; a temporary one may be in memory.
 */
import { mkdir, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJournal } from '@holdfast/store/journal'

const base = join(process.argv[2] ?? tmpdir(), `holdfast-bench-journal-${process.pid}`)
const data = { text: 'x'.repeat(200), from: { name: 'A customer', phone: '+1 555 0100' } }
const SECONDS = 2

await mkdir(base, { recursive: true })
try {
  console.log(`bare write and fdatasync, one after the other: ${await bareSyncs()} a second`)
  for (const callers of [1, 10, 100, 1_000]) await appends(callers)
  await replaying()
  await reopening()
} finally {
  await rm(base, { recursive: true })
}

async function bareSyncs(): Promise<string> {
  const file = await open(join(base, 'bare'), 'w')
  const line = Buffer.alloc(400, 'x')
  const started = performance.now()
  let count = 0
  for (; performance.now() - started < SECONDS * 1_000; count += 1) {
    await file.write(line, 0, line.length, count * line.length)
    await file.datasync()
  }
  await file.close()
  return rate(count, performance.now() - started)
}

async function appends(callers: number): Promise<void> {
  const journal = await openJournal({
    directory: join(base, `append-${callers}`),
    maxPending: 10_000_000,
    maxBytes: 2 ** 34,
  })
  const waits: number[] = []
  const started = performance.now()
  const caller = async (lane: number): Promise<void> => {
    for (let count = 0; performance.now() - started < SECONDS * 1_000; count += 1) {
      const before = performance.now()
      await journal.append({ kind: 'ticket', key: `${lane}-${count}`, data })
      waits.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, lane) => caller(lane)))
  const took = performance.now() - started
  await journal.close()
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  console.log(
    `${callers} callers: ${rate(sorted.length, took)} records a second, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  )
}

async function replaying(): Promise<void> {
  const journal = await openJournal({ directory: join(base, 'replay') })
  await Promise.all(
    Array.from({ length: 2_000 }, (_, key) => journal.append({ kind: 'ticket', key: String(key), data })),
  )
  const started = performance.now()
  const { handled } = await journal.replay(() => undefined)
  console.log(`replay: ${rate(handled, performance.now() - started)} records a second`)
  await journal.close()
}

async function reopening(): Promise<void> {
  const options = { directory: join(base, 'reopen'), maxPending: 1_000_000 }
  const journal = await openJournal(options)
  for (let round = 0; round < 100; round += 1) {
    await Promise.all(
      Array.from({ length: 1_000 }, (_, key) => journal.append({ kind: 'ticket', key: `${round}-${key}`, data })),
    )
  }
  const { diskBytes } = journal.snapshot()
  await journal.close()
  const started = performance.now()
  const again = await openJournal(options)
  const took = performance.now() - started
  console.log(
    `open with ${again.opening.pending} records, ${(diskBytes / 2 ** 20).toFixed(0)} MiB: ${took.toFixed(0)} ms`,
  )
  await again.close()
}

function rate(count: number, ms: number): string {
  return Math.round((count / ms) * 1_000).toLocaleString('en-US')
}
