import { z } from 'zod'
import { defineWorkflow } from './workflow.ts'
import type { Workflows } from './workflows.ts'

declare const workflows: Workflows

const trip = defineWorkflow({
  name: 'trip',
  version: 1,
  input: z.object({ to: z.string(), passengers: z.number().default(1) }),
  async run(run, { to, passengers }) {
    passengers satisfies number
    const found = await run.step('search', () => [to])
    found satisfies string[]
    const both = await run.all('both', { a: () => Promise.resolve(1), b: (branch) => branch.step('b', () => 'x') })
    both satisfies { readonly a: number; readonly b: string }
    const decision = await run.approval('send', { ask: 1, roles: ['staff'] })
    // @ts-expect-error nobody has decided what has timed out
    void decision.by
    return found.length
  },
})

void workflows.start('acme', trip, { to: 'KMIA' })
// @ts-expect-error the input has another form
void workflows.start('acme', trip, { to: 7 })
// @ts-expect-error decisions are made by people, and not by the name of a tenant
void workflows.approve('acme', 'id', 'send')

export const desk = defineWorkflow({
  name: 'desk',
  version: 1,
  input: z.object({}),
  async run(run) {
    const count = await run.delegate('trip', trip, { to: 'KMIA' })
    count satisfies number
    const { runId } = await run.delegate('later', trip, { to: 'KMIA' }, { wait: false })
    runId satisfies string
    // @ts-expect-error the input has another form
    await run.delegate('wrong', trip, { to: 7 })
  },
})
