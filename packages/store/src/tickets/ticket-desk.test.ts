import { describe, expect, it } from 'vitest'
import { open, recordsOf, rejection } from '../../test/open.ts'
import { createTicketDesk } from './index.ts'

const HELP = { key: '["acme","r1"]', tenant: 'acme', at: 1, message: 'The server is down' }

describe('a ticket desk', () => {
  it('gives an id when the ticket is on the disk', async () => {
    const { journal } = await open()
    const id = await createTicketDesk({ journal }).open(HELP)
    expect(id).toMatch(/^EMG-[0-9A-HJKMNP-TV-Z]{8}$/)
    expect(await recordsOf(journal)).toMatchObject([{ kind: 'ticket', tenant: 'acme', data: { ...HELP, id } }])
  })

  it('rejects when the disk does not take it, and keeps it when it comes again', async () => {
    const { journal, files, clock } = await open()
    const desk = createTicketDesk({ journal })
    files.fail('sync', 'EIO')
    expect(await rejection(desk.open(HELP))).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
    await clock.advance(1_000)
    await desk.open({ ...HELP, at: 2 })
    expect(await recordsOf(journal)).toHaveLength(1)
  })

  it('gives the same id for the same key and keeps nothing new, whatever else has changed', async () => {
    const { journal } = await open()
    const desk = createTicketDesk({ journal })
    const first = await desk.open(HELP)
    expect(await desk.open({ ...HELP, at: 99 })).toBe(first)
    expect(await recordsOf(journal)).toHaveLength(1)
  })

  it('does so after a kill and a restart, also when the ticket has been handled', async () => {
    const { journal, files } = await open()
    const first = await createTicketDesk({ journal }).open(HELP)
    await journal.replay(() => undefined)
    const again = await open(files.afterKill())
    expect(await createTicketDesk({ journal: again.journal }).open({ ...HELP, at: 99 })).toBe(first)
    expect(await recordsOf(again.journal)).toEqual([])
  })

  it('lets a second opening fail with the first, rather than tell of a ticket that is not there', async () => {
    const { journal, files } = await open()
    const desk = createTicketDesk({ journal })
    files.fail('sync', 'EIO')
    const both = [desk.open(HELP), desk.open({ ...HELP, at: 2 })].map((opening) => rejection(opening))
    for (const error of await Promise.all(both)) expect(error).toMatchObject({ code: 'JOURNAL_WRITE_FAILED' })
  })

  it('tells keys and tenants apart', async () => {
    const { journal } = await open()
    const desk = createTicketDesk({ journal, kind: 'call', prefix: 'T1' })
    const tickets = [HELP, { ...HELP, tenant: 'other' }, { ...HELP, key: 'r2' }]
    const ids = await Promise.all(tickets.map((one) => desk.open(one)))
    expect(new Set(ids).size).toBe(3)
    expect(ids[0]).toMatch(/^T1-/)
    expect(desk.recordOf(HELP)).toMatchObject({ id: ids[0], kind: 'call' })
  })

  it.each([{ kind: 'Not one' }, { prefix: 'emg' }, { prefix: '' }])('refuses %j', async (options) => {
    const { journal } = await open()
    expect(() => createTicketDesk({ journal, ...options })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
