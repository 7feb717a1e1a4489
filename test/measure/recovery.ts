import { ask } from '../harness/ask.ts'
import type { Desk } from '../harness/desk.ts'

/** One ten-second slice after the end of a fault. */
export interface RecoverySlice {
  readonly fromSecond: number
  readonly answers: number
  /** Share of the answers that n8n gave. */
  readonly shareOfN8n: number
  /** Most requests n8n received in any one second of the slice. */
  readonly peakPerSecond: number
  readonly errors: number
}

/**
 * A steady stream of questions, n8n down for a while, then healthy again: how its share of the traffic comes back.
 * Every question is asked at its own time, whether or not the earlier ones are answered.
 */
export async function measureRecovery(
  desk: Desk,
  options: { readonly perSecond: number; readonly downSeconds: number; readonly watchSeconds: number },
): Promise<RecoverySlice[]> {
  await desk.clearFaults()
  await desk.resetCircuits()
  const asked: Promise<{ atSecond: number; tier: string | null; ok: boolean }>[] = []
  const started = performance.now()
  const total = (options.downSeconds + options.watchSeconds) * options.perSecond
  await desk.fault('n8n', 'down')
  let cleared: number | undefined
  for (let index = 0; index < total; index += 1) {
    const due = started + (index * 1_000) / options.perSecond
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    if (cleared === undefined && index >= options.downSeconds * options.perSecond) {
      await desk.clearFaults()
      cleared = Date.now()
    }
    const atSecond = index / options.perSecond - options.downSeconds
    asked.push(
      ask(desk).then(
        (answer) => ({ atSecond, tier: answer.tier, ok: answer.status === 200 && answer.error === undefined }),
        () => ({ atSecond, tier: null, ok: false }),
      ),
    )
  }
  const answers = await Promise.all(asked)
  const received = await desk.requests('n8n')
  const slices: RecoverySlice[] = []
  for (let fromSecond = 0; fromSecond < options.watchSeconds; fromSecond += 10) {
    const inSlice = answers.filter((answer) => answer.atSecond >= fromSecond && answer.atSecond < fromSecond + 10)
    const perSecond = new Map<number, number>()
    for (const request of received) {
      const second = Math.floor((request.at - (cleared ?? 0)) / 1_000)
      if (second >= fromSecond && second < fromSecond + 10) perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
    }
    slices.push({
      fromSecond,
      answers: inSlice.length,
      shareOfN8n: inSlice.filter((answer) => answer.tier === 'n8n').length / Math.max(1, inSlice.length),
      peakPerSecond: Math.max(0, ...perSecond.values()),
      errors: inSlice.filter((answer) => !answer.ok).length,
    })
  }
  return slices
}
