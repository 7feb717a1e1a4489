import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startDesk } from './harness/desk.ts'
import type { Desk } from './harness/desk.ts'
import { until } from './harness/fleet.ts'

const DIRECTORY = fileURLToPath(new URL('fixture/requests', import.meta.url))

interface View {
  readonly status: string
  readonly run: { readonly runId: string }
  readonly approvals: readonly { readonly step: string; readonly ask: { readonly changes?: readonly string[] } }[]
  readonly lapsed?: readonly { readonly step: string; readonly message: string }[]
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function setUp() {
  const data = await mkdtemp(join(tmpdir(), 'holdfast-offers-'))
  ends.push(() => rm(data, { recursive: true, force: true }))
  const desk = await startDesk({ directory: DIRECTORY, env: { TEST_DATA_DIRECTORY: data } })
  ends.push(() => desk.stop())
  const call = async (path: string, body?: object): Promise<{ readonly status: number; readonly json: never }> => {
    const response = await fetch(`${desk.url}${path}`, {
      ...(body === undefined
        ? {}
        : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(15_000),
    })
    return { status: response.status, json: (await response.json()) as never }
  }
  const view = async (id: string): Promise<View> => (await call(`/requests/${id}`)).json
  return {
    desk,
    call,
    view,
    async ask(email: string): Promise<string> {
      const { json } = await call('/requests', {
        text: 'Four people, Teterboro to Miami on Friday',
        client: { email },
      })
      return (json as { readonly id: string }).id
    },
    decide: (id: string, step?: string) =>
      call(`/requests/${id}/decision`, { decision: 'approve', ...(step === undefined ? {} : { step }) }),
    async atStep(id: string, step: string): Promise<View> {
      await until(step, async () => (await view(id)).approvals.some((approval) => approval.step === step))
      return view(id)
    },
    isAt: (id: string, status: string) => until(status, async () => (await view(id)).status === status),
    /** What has arrived for somebody. */
    async lettersTo(email: string): Promise<readonly string[]> {
      const arrived = (await (await fetch(`${desk.sandboxUrl}/arrived`)).json()) as readonly unknown[]
      return arrived.map((letter) => JSON.stringify(letter)).filter((letter) => letter.includes(email))
    },
    /** Avinode tells that something has happened with the latest request for quotes. */
    async hint(): Promise<void> {
      const rfqs = (await desk.requests('avinode')).flatMap(({ path }) => /arfq-\d+/.exec(path)?.[0] ?? [])
      expect((await call('/hooks/default/charter/avinode', { rfq: rfqs.at(-1) })).status).toBe(202)
    },
  } satisfies Record<string, unknown> & { readonly desk: Desk }
}

describe('the offers of a request', () => {
  it('that cost something else at the approval are asked about again, and no one agrees to what he has not seen', async () => {
    const { ask, atStep, decide, desk, hint, isAt, lettersTo, view } = await setUp()
    const id = await ask('ada@example.com')
    const first = await atStep(id, 'approve-proposal')
    await desk.settings({ quotePriceFactor: 1.5 })
    expect((await decide(id)).status).toBe(202)
    const second = await atStep(id, 'approve-proposal-2')
    expect(second.approvals[0]!.ask.changes).toContainEqual(expect.stringMatching(/USD, and not [\d,]+ USD any more/))
    expect(await lettersTo('ada@example.com')).toEqual([])
    // The same decision sent twice is none about what is asked now.
    expect((await decide(id)).status).toBe(409)
    // Told of once more, while a person looks at what is asked now.
    await desk.settings({ quotePriceFactor: 1.6 })
    await hint()
    const third = await atStep(id, 'approve-proposal-3')
    expect(third.lapsed?.map(({ step }) => step)).toEqual(['approve-proposal', 'approve-proposal-2'])
    // The run that leads it is still the same, whatever the late quotes have started.
    expect(third.run.runId).toBe(first.run.runId)
    for (const step of [undefined, 'approve-proposal-2']) {
      const { status, json } = await decide(id, step)
      expect([status, json]).toMatchObject([409, { error: { code: 'decision_too_late' } }])
    }
    expect((await decide(id, 'approve-proposal-3')).status).toBe(202)
    await isAt(id, 'proposed')
    expect(await lettersTo('ada@example.com')).toHaveLength(1)
    expect((await view(id)).approvals).toEqual([])
  }, 240_000)

  it('that run out before somebody decides are not sent, and are offered again when they hold for longer', async () => {
    const { ask, atStep, decide, desk, hint, isAt, lettersTo, view } = await setUp()
    await desk.settings({ quoteValidMs: 30_000 })
    const id = await ask('ben@example.com')
    await atStep(id, 'approve-proposal')
    await isAt(id, 'offer-expired')
    const { status, json } = await decide(id)
    expect([status, json]).toMatchObject([
      409,
      {
        error: { code: 'decision_too_late', message: expect.stringMatching(/^An offer ran out on .*send the request/) },
      },
    ])
    expect(await lettersTo('ben@example.com')).toEqual([])
    await desk.settings({ quoteValidMs: 604_800_000 })
    await hint()
    await until('another approval', async () => (await view(id)).approvals.length > 0)
    expect((await decide(id, (await view(id)).approvals[0]!.step)).status).toBe(202)
    await isAt(id, 'proposed')
    expect(await lettersTo('ben@example.com')).toHaveLength(1)
  }, 240_000)
})
