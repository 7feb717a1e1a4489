import { HoldfastError } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { fakeLog } from '../../test/fakes.ts'
import type { KeptTicket } from '../emergency/on-call-message.ts'
import { createKeeper } from './keep-entries.ts'

const ticket = {
  id: 'EMG-1',
  key: 'k',
  at: 0,
  tenant: 'acme',
  requestId: 'r1',
  assistant: 'desk',
  message: 'Help \0 us \ud83d',
  assessment: { score: 60, reasons: [{ id: 'outage' }], language: 'en' },
} as unknown as KeptTicket

function setUp(code?: string) {
  const offered: unknown[][] = []
  const log = fakeLog()
  const failure = { category: 'network', message: 'secret', retryable: true, mayHaveTakenEffect: false } as const
  const accept = (...offer: unknown[]): Promise<never> => {
    offered.push(offer)
    return code === undefined ? Promise.resolve({} as never) : Promise.reject(new HoldfastError({ code, ...failure }))
  }
  return { keeper: createKeeper({ accept }, log), offered, log }
}

describe('what is kept for the store', () => {
  it('is a ticket by its number, without what no database keeps', async () => {
    const { keeper, offered } = setUp()
    await keeper.ticket(ticket)
    expect(offered).toEqual([
      [
        'ticket',
        { tenant: 'acme' },
        {
          number: 'EMG-1',
          message: 'Help  us \ufffd',
          details: {
            at: '1970-01-01T00:00:00.000Z',
            assistant: 'desk',
            requestId: 'r1',
            language: 'en',
            score: 60,
            reasons: ['outage'],
          },
        },
        { idempotencyKey: 'EMG-1' },
      ],
    ])
  })

  it('is each audit entry, under a key of its own', async () => {
    const { keeper, offered } = setUp()
    for (const _ of [1, 2]) await keeper.audit({ tenant: 'acme', user: 'ada' }, { action: 'webhook-added' })
    const keys = offered.map((offer) => (offer[3] as { readonly idempotencyKey: string }).idempotencyKey)
    expect(offered[0]!.slice(0, 3)).toEqual(['audit', { tenant: 'acme', user: 'ada' }, { action: 'webhook-added' }])
    expect(new Set(keys).size).toBe(2)
  })

  it('fails nobody when it cannot be kept, and the log says so', async () => {
    const { keeper, log } = setUp('JOURNAL_FULL')
    await keeper.ticket(ticket)
    await keeper.audit({ tenant: 'acme' }, { action: 'x' })
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { code: 'JOURNAL_FULL' } },
      { level: 'error', fields: { code: 'JOURNAL_FULL' } },
    ])
    const again = setUp('IDEMPOTENCY_KEY_REUSED')
    await again.keeper.ticket(ticket)
    expect(again.log.lines).toEqual([])
  })
})
