import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createJobs } from '@holdfast/agents/jobs'
import type { JobDriver } from '@holdfast/agents/jobs'
import { expect, it } from 'vitest'

/** A server, and how another process finds it. */
export interface LostWorkerEngine {
  driver(): JobDriver
  readonly kind: 'pg-boss' | 'bullmq'
  readonly url: string
  close(): Promise<void>
}

/** What becomes of the jobs of workers that are killed. */
export function describeLostWorkers(name: string, open: () => Promise<LostWorkerEngine>): void {
  it(`a job on ${name} whose worker is killed in its midst is done by another`, async () => {
    const engine = await open()
    const jobs = createJobs({ driver: engine.driver() })
    try {
      const job = await jobs.add('search', 'precious', { retry: { maxRetries: 2, backoffMs: 1 } })
      const lost = spawn(
        process.execPath,
        [
          '--conditions=holdfast-source',
          fileURLToPath(new URL('hung-worker.ts', import.meta.url)),
          engine.kind,
          engine.url,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const exited = once(lost, 'exit')
      const [said] = (await once(lost.stdout, 'data')) as [Buffer]
      expect(said.toString()).toContain('begun')
      lost.kill('SIGKILL')
      await exited
      await jobs.work(
        'search',
        ({ data, attempt }) => `${String(data)}, at ${attempt > 1 ? 'another' : 'the first'} try`,
      )
      expect(await jobs.result(job, { timeoutMs: 60_000 })).toMatch(/^precious/)
    } finally {
      await jobs.close()
      await engine.close()
    }
  }, 120_000)
}
