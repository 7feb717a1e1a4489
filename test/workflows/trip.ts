import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import { z } from 'zod'

/** Where the effects of the trip are, outside the store. */
export interface Outside {
  /** A line for each effect, by its key. */
  readonly effects: string
  /** Called where a process may be killed. */
  readonly at: (point: string) => Promise<void>
}

/** Something outside that does a thing once for a key, as a service with idempotency keys does. */
async function outsideOnce({ effects }: Pick<Outside, 'effects'>, what: string, key: string): Promise<void> {
  const done = await readFile(effects, 'utf8').catch(() => '')
  if (!done.includes(`${what} ${key}\n`)) await appendFile(effects, `${what} ${key}\n`)
}

/** A run with a step of every kind. */
export function tripOf(outside: Outside): readonly Workflow<never>[] {
  const leg = defineWorkflow({
    name: 'leg',
    version: 1,
    input: z.object({ to: z.string() }),
    run: (run, { to }) => run.step('quote', () => `quote for ${to}`),
  })
  const trip = defineWorkflow({
    name: 'trip',
    version: 1,
    input: z.object({ to: z.string() }),
    async run(run, { to }) {
      const found = await run.step('search', async ({ idempotencyKey }) => {
        await outside.at('before the search')
        await outsideOnce(outside, 'search', idempotencyKey)
        await outside.at('after the search')
        return `flight to ${to}`
      })
      await run.transaction('keep', async (transaction) => {
        await transaction.insertInto('leads').values({ source: found }).execute()
        await outside.at('in the transaction')
      })
      await run.sleep('rest', 50)
      const reply = await run.waitFor<string>('reply', { signal: 'reply', timeoutMs: 600_000 })
      const quote = await run.delegate('leg', leg, { to })
      const both = await run.all('both', {
        mail: (branch) =>
          branch.step('send', async ({ idempotencyKey }) => {
            await outsideOnce(outside, 'mail', idempotencyKey)
            return 'sent'
          }),
        crm: (branch) => branch.step('send', () => 'noted'),
      })
      return { found, reply: reply.status, quote, both }
    },
  })
  return [trip, leg]
}

/** A run that kills whoever is at it, until it is mended. */
export function poisonOf(directory: string): Workflow<never> {
  return defineWorkflow({
    name: 'poison',
    version: 1,
    input: z.object({}),
    run: (run) =>
      run.step('crash', () => {
        if (!existsSync(`${directory}/mended`)) process.kill(process.pid, 'SIGKILL')
        return 'well'
      }),
  }) as Workflow<never>
}
