import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))
const IMPORTS = Object.entries({
  index: 'createBreaker, createHedge, createRetry, createTimeout, pipeline',
  'admission/index': 'createBulkhead, createRateLimiter',
  'cache/index': 'createCache, createDedupe',
  'sessions/index': 'createSessions',
}).map(([file, names]) => `import { ${names} } from '${new URL(`../src/${file}.ts`, import.meta.url).href}'`)

const USES_EVERYTHING = `
  const bulkhead = createBulkhead({ name: 'seats', maxConcurrent: 2, maxQueued: 100, maxQueueMs: 30_000 })
  const limiter = createRateLimiter({ name: 'rate', limit: 1_000, burst: 20, maxWaitMs: 10_000 })
  const line = pipeline([
    createTimeout({ timeoutMs: 60_000 }),
    limiter,
    bulkhead,
    createRetry({ backoffMs: 1 }),
    createHedge({ delayMs: 20_000 }),
    createBreaker({ name: 'crm' }),
    createTimeout({ timeoutMs: 40_000 }),
  ], { idempotent: true })
  const cache = createCache({ name: 'answers', staleWhileRevalidateMs: 60_000, softTimeoutMs: 20_000, hardTimeoutMs: 30_000 })
  const dedupe = createDedupe()
  const sessions = createSessions({ name: 'calls' })
  sessions.create('anna', 1)
  const controller = new AbortController()
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  let busy = 0
  await Promise.all(Array.from({ length: 40 }, (_, call) =>
    cache.get('key ' + call, () => dedupe.run('key ' + call, () => line.execute(async ({ attempt }) => {
      await wait(1)
      if (call === 7 && attempt === 1) throw Object.assign(new Error('busy'), { status: 503 })
      return busy++
    }, { signal: controller.signal }))),
  ))
  const left = line.execute(() => new Promise(() => undefined), { signal: controller.signal }).catch((reason) => reason)
  const queued = [1, 2, 3].map(() => line.execute(() => wait(1), { signal: controller.signal }).catch((reason) => reason))
  controller.abort('enough')
  console.log('ended', busy, await left, await Promise.all(queued), bulkhead.queued)
  // The program's own timers, set before this one, are over with it.
  await wait(5)
`

/** Less than any time limit of the programs, and far more than a busy machine needs to end a process. */
const AT_ONCE_MS = 5_000

/** Runs a program in a process of its own. @returns what it printed, with what kept it alive after its last line, and how long it lived from there. */
function run(program: string): Promise<{ readonly output: string; readonly lingeredMs: number }> {
  const source = `${IMPORTS.join('\n')}\n${program}\nconsole.log('held by', ...process.getActiveResourcesInfo())\nconst end = performance.now()\nprocess.on('exit', () => console.log('lingered', performance.now() - end))`
  return new Promise((resolve) => {
    const child = spawn(NODE, ['--conditions=holdfast-source', '--input-type=module', '--eval', source])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.on('close', () => resolve({ output, lingeredMs: Number(/lingered ([\d.]+)/.exec(output)?.[1]) }))
  })
}

describe('a process that has used every policy', { timeout: 60_000 }, () => {
  it('ends at once when its calls have ended, those in a queue and those that were given up too (B24)', async () => {
    const { output, lingeredMs } = await run(USES_EVERYTHING)
    expect(output).toContain("ended 40 enough [ 'enough', 'enough', 'enough' ] 0")
    expect(output).not.toContain('Timeout')
    expect(lingeredMs, output).toBeLessThan(AT_ONCE_MS)
  })

  it('stays until what waits in a queue has been let in (B24)', async () => {
    const { output } = await run(`
      const bulkhead = createBulkhead({ name: 'seats', maxConcurrent: 1, maxQueued: 1, maxQueueMs: 300 })
      bulkhead.tryAcquire()
      Promise.resolve(bulkhead.acquire()).then((answer) => console.log(answer.error.code))
    `)
    // Held by the timer of the queue, and by nothing once that has run out.
    expect(output).toMatch(/held by.* Timeout[^]*QUEUE_TIMEOUT[^]*lingered/)
  })
})
