import { ask, QUESTION } from '../harness/ask.ts'
import type { Desk } from '../harness/desk.ts'
import { quantile } from './statistics.ts'

/** What many conversations at once did to the server. */
export interface Soak {
  readonly conversations: number
  readonly seconds: number
  readonly answers: number
  readonly errors: readonly string[]
  readonly p50: number
  readonly p95: number
  /** Resident memory of the server process, sampled every second, in MiB. */
  readonly memoryMiB: readonly number[]
  readonly tiers: Readonly<Record<string, number>>
}

/** Keeps `conversations` conversations going for `seconds`, each asking its next question when it has its answer. */
export async function soak(
  desk: Desk,
  options: { readonly conversations: number; readonly seconds: number },
): Promise<Soak> {
  const until = performance.now() + options.seconds * 1_000
  const errors: string[] = []
  const durations: number[] = []
  const tiers: Record<string, number> = {}
  const memoryMiB: number[] = []
  const sampling = setInterval(() => {
    void desk.memory().then((bytes) => memoryMiB.push(bytes / 2 ** 20))
  }, 1_000)
  const converse = async (conversation: number): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn += 1) {
      const question = `${QUESTION} (${conversation}.${turn})`
      try {
        const answer = await ask(desk, question, { stream: turn % 2 === 0 })
        if (answer.status !== 200 || answer.error !== undefined || answer.finishReason !== 'stop') {
          errors.push(`${answer.status} ${answer.finishReason} ${answer.error?.message ?? ''}`)
        }
        durations.push(answer.durationMs)
        tiers[answer.tier ?? 'none'] = (tiers[answer.tier ?? 'none'] ?? 0) + 1
      } catch (error) {
        errors.push(String(error))
      }
    }
  }
  await Promise.all(Array.from({ length: options.conversations }, (_, index) => converse(index)))
  clearInterval(sampling)
  return {
    conversations: options.conversations,
    seconds: options.seconds,
    answers: durations.length,
    errors,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    memoryMiB,
    tiers,
  }
}
