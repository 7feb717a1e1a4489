import { createEvents } from '@holdfast/core'
import { fakeClock, recordEvents } from '@holdfast/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { ask, drain, scripted, whole } from '../../test/scripted-model.ts'
import type { AiEvent } from '../events/events.ts'
import { provenanceOf } from '../provenance/report.ts'
import { tierList } from '../tiers/tier-list.ts'
import { emergencyTier } from './emergency-tier.ts'
import type { EmergencyTierOptions } from './emergency-options.ts'
import type { EmergencyTicket } from './ticket.ts'
import { createTriage } from './triage.ts'

const triage = createTriage()
const contact = { name: 'the help desk', phone: '+39 02 555 0100', hours: 'day and night' }
const HELP = 'Our server is down and nobody can work'
const from = (requestId: string, tenant = 'acme'): object => ({
  providerOptions: { holdfast: { requestId, tenant, sessionId: 's1' } },
})

interface Setting {
  readonly clock: ReturnType<typeof fakeClock>
  readonly tickets: EmergencyTicket[]
  readonly record: ReturnType<typeof recordEvents<AiEvent>>
  readonly tier: ReturnType<typeof emergencyTier>
}

function setting(more: Partial<EmergencyTierOptions> = {}): Setting {
  const clock = fakeClock()
  const events = createEvents<AiEvent>()
  const tickets: EmergencyTicket[] = []
  const record = recordEvents(events)
  const tier = emergencyTier({
    triage,
    contact,
    clock,
    events,
    openTicket: (ticket) => void tickets.push(ticket),
    ...more,
  })
  return { clock, tickets, record, tier }
}

async function say(tier: Setting['tier'], message: string, more: object = {}): Promise<string> {
  const { content } = await tier.doGenerate(ask(message, more))
  return content[0]?.type === 'text' ? content[0].text : ''
}

describe('an emergency tier', () => {
  it('answers an emergency with the phone number and the id of a ticket that is kept by then', async () => {
    const { tier, tickets } = setting()
    const text = await say(tier, HELP, from('r1'))
    const [ticket] = tickets
    expect(ticket?.id).toMatch(/^EMG-\d{8}-[0-9A-HJKMNP-TV-Z]{8}$/)
    expect(ticket).toMatchObject({ requestId: 'r1', tenant: 'acme', sessionId: 's1', message: HELP })
    expect(text).toContain(`\n📞 ${contact.phone}\n`)
    expect(text).toContain(`Your ticket is ${ticket?.id}.`)
    expect(text).not.toContain('could not confirm')
    expect(text).not.toContain('being told')
  })

  it('answers in the language of the message, and in its own when that cannot be told', async () => {
    const { tier } = setting({ language: 'it' })
    expect(await say(tier, 'il server è giù e siamo tutti fermi')).toContain('Ci chiami subito')
    expect(await say(tier, HELP)).toContain('Please call us now')
    expect(await say(tier, 'server down')).toContain('Ci chiami subito')
  })

  it('streams the same as a legal stream, and says that it is not to be remembered', async () => {
    const { tier } = setting()
    const { stream, response } = await tier.doStream(ask(HELP))
    const { types, text, parts } = await drain(stream)
    expect(types).toEqual(['stream-start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect(text).toContain(contact.phone)
    expect(response?.headers).toEqual({ 'x-holdfast-served-by': 'emergency' })
    expect(parts.at(-1)).toMatchObject({
      providerMetadata: { holdfast: { servedBy: 'emergency', rememberable: false } },
    })
  })

  it.each([
    ['what is no emergency', ask('What are your opening hours?')],
    ['an emergency that was said before', ask([HELP, 'thanks, and what are your opening hours?'])],
    ['a request for JSON', ask(HELP, { responseFormat: { type: 'json' } })],
    ['a prompt without a user', { prompt: [{ role: 'system' as const, content: HELP }] }],
  ])('rejects %s, and opens nothing', async (_, call) => {
    const { tier, tickets } = setting()
    const refusal = { code: 'NOT_AN_EMERGENCY', category: 'rejected', mayHaveTakenEffect: false }
    await expect(tier.doGenerate(call)).rejects.toMatchObject(refusal)
    await expect(tier.doStream(call)).rejects.toMatchObject(refusal)
    expect(tickets).toEqual([])
  })

  it('waits for the ticket before the answer leaves', async () => {
    const { tier, clock } = setting({ openTicket: () => clock.sleep(60) })
    let left = false
    const answer = say(tier, HELP).then((text) => {
      left = true
      return text
    })
    await clock.advance(59)
    expect(left).toBe(false)
    await clock.advance(1)
    expect(await answer).toContain('Your ticket is')
  })

  it('answers after openTimeoutMs all the same, says that it could not confirm the ticket, and reports it', async () => {
    const { tier, clock, record } = setting({ openTicket: () => new Promise(() => undefined) })
    const answer = say(tier, HELP, from('r1'))
    await clock.advance(100)
    const text = await answer
    expect(text).toContain(contact.phone)
    expect(text).toContain('could not confirm')
    expect(text).not.toContain('Your ticket is')
    expect(record.all).toMatchObject([
      { type: 'emergency-ticket-unconfirmed', code: 'TICKET_TIMEOUT', requestId: 'r1', tenant: 'acme' },
      { type: 'emergency-answered', confirmed: false, assistant: 'emergency', durationMs: 100 },
    ])
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('disk full'))],
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
  ])('answers at once when opening the ticket %s', async (_, openTicket: () => Promise<void>) => {
    const { tier, record } = setting({ openTicket })
    expect(await say(tier, HELP)).toContain('could not confirm')
    expect(record.types).toEqual(['emergency-ticket-unconfirmed', 'emergency-answered'])
  })

  it('gives a request that comes again the same ticket, and opens it once', async () => {
    const { tier, tickets } = setting()
    const [one, two] = await Promise.all([say(tier, HELP, from('r1')), say(tier, HELP, from('r1'))])
    expect(await say(tier, HELP, from('r1'))).toBe(one)
    expect(two).toBe(one)
    expect(tickets).toHaveLength(1)
  })

  it('keeps tenants and requests apart, and those without an id', async () => {
    const { tier, tickets } = setting()
    for (const more of [from('r1'), from('r2'), from('r1', 'other'), {}, {}]) await say(tier, HELP, more)
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(5)
    expect(new Set(tickets.map(({ key }) => key)).size).toBe(5)
  })

  it('forgets a request after sameTicketMs', async () => {
    const { tier, tickets, clock } = setting({ sameTicketMs: 1_000 })
    await say(tier, HELP, from('r1'))
    await clock.advance(1_001)
    await say(tier, HELP, from('r1'))
    expect(tickets).toHaveLength(2)
  })

  it('tries again under the same id when the request comes again after a failure, and tells nobody twice', async () => {
    const notify = vi.fn<() => void>()
    const openTicket = vi.fn<EmergencyTierOptions['openTicket']>(() => undefined)
    openTicket.mockRejectedValueOnce(new Error('busy'))
    const { tier, clock } = setting({ openTicket, notify })
    expect(await say(tier, HELP, from('r1'))).toContain('could not confirm')
    expect(await say(tier, HELP, from('r1'))).toContain('Your ticket is')
    await clock.advance(1)
    expect(openTicket.mock.calls[1]?.[0]).toBe(openTicket.mock.calls[0]?.[0])
    expect(notify).toHaveBeenCalledTimes(1)
  })

  it('says that a ticket is kept to whoever asks again after it was kept late', async () => {
    const { tier, clock, record } = setting({ openTicket: () => clock.sleep(500) })
    const answer = say(tier, HELP, from('r1'))
    await clock.advance(100)
    expect(await answer).toContain('could not confirm')
    await clock.advance(400)
    expect(record.types).toContain('emergency-ticket-confirmed-late')
    expect(await say(tier, HELP, from('r1'))).toContain('Your ticket is')
  })

  it('knows the id under which a ticket was kept late', async () => {
    const { tier, clock, record } = setting({ openTicket: () => clock.sleep(500).then(() => 'EMG-KEPT0001') })
    const answer = say(tier, HELP, from('r1'))
    await clock.advance(500)
    await answer
    expect(record.all.at(-1)).toMatchObject({ type: 'emergency-ticket-confirmed-late', ticketId: 'EMG-KEPT0001' })
    expect(await say(tier, HELP, from('r1'))).toContain('EMG-KEPT0001')
  })

  it('makes an id from the key of the request, where it has one', async () => {
    const ticketId = vi.fn<NonNullable<EmergencyTierOptions['ticketId']>>(() => 'EMG-1')
    const { tier, tickets } = setting({ ticketId })
    await say(tier, HELP, from('r1'))
    await say(tier, HELP)
    expect(ticketId.mock.calls.map(([, tenant, key]) => [tenant, key])).toEqual([
      ['acme', tickets[0]?.key],
      ['default', undefined],
    ])
  })

  it('shows the id under which the ticket was kept before', async () => {
    const { tier } = setting({ openTicket: async () => 'EMG-20261124-KEPT0001' })
    expect(await say(tier, HELP, from('r1'))).toContain('Your ticket is EMG-20261124-KEPT0001.')
  })

  it('tells somebody after the answer has left, and does not wait for that', async () => {
    const notify = vi.fn<(ticket: EmergencyTicket, confirmed: boolean) => Promise<void>>(
      () => new Promise(() => undefined),
    )
    const { tier, tickets, clock } = setting({ notify })
    expect(await say(tier, HELP)).toContain('The person on call is being told.')
    expect(notify).not.toHaveBeenCalled()
    await clock.advance(0)
    expect(notify).toHaveBeenCalledExactlyOnceWith(tickets[0], true)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('offline'))],
    [
      'throws',
      () => {
        throw new Error('offline')
      },
    ],
  ])('reports that telling somebody %s', async (_, notify) => {
    const { tier, clock, record } = setting({ notify })
    await say(tier, HELP)
    await clock.advance(0)
    expect(record.types).toEqual(['emergency-answered', 'emergency-notify-failed'])
  })

  it('uses texts of its own, but none without the number', async () => {
    const own = setting({ texts: { en: ({ contact: { phone }, ticketId }) => `${phone} ${ticketId}` } })
    expect(await say(own.tier, HELP)).toMatch(/^\+39 02 555 0100 EMG-/)
    const silent = setting({ texts: { en: () => 'We are on it.' } })
    expect(await say(silent.tier, HELP)).toContain(contact.phone)
    const broken = setting({
      texts: {
        en: () => {
          throw new Error('no')
        },
      },
    })
    expect(await say(broken.tier, HELP)).toContain('Please call us now')
  })

  it('lets a caller go at once, and keeps the ticket', async () => {
    const { tier, tickets } = setting({
      openTicket: (ticket) => {
        tickets.push(ticket)
        return new Promise(() => undefined)
      },
    })
    const caller = new AbortController()
    const answer = tier.doGenerate(ask(HELP, { abortSignal: caller.signal }))
    caller.abort('gone')
    await expect(answer).rejects.toBe('gone')
    expect(tickets).toHaveLength(1)
    await expect(tier.doGenerate(ask(HELP, { abortSignal: caller.signal }))).rejects.toBe('gone')
    expect(tickets).toHaveLength(1)
  })

  it('puts none of the words of the customer into its events', async () => {
    const { tier, record } = setting()
    await say(tier, `${HELP} at Rossi SpA`)
    expect(JSON.stringify(record.all)).not.toContain('Rossi')
  })

  it('keeps at most so much of a message', async () => {
    const { tier, tickets } = setting()
    await say(tier, `${HELP}. ${'x'.repeat(9_000)}`)
    expect(tickets[0]?.message).toHaveLength(4_000)
  })

  it.each([
    [{ contact: { name: 'desk' } }, 'contact.phone'],
    [{ contact: { name: 'desk', phone: ' ' } }, 'contact.phone'],
    [{ openTicket: undefined }, 'openTicket'],
    [{ notify: 'mail' }, 'notify'],
    [{ openTimeoutMs: -1 }, 'openTimeoutMs'],
    [{ sameTicketMs: Number.NaN }, 'sameTicketMs'],
    [{ maxTickets: 0 }, 'maxTickets'],
  ])('refuses %j', (wrong, option) => {
    const options = { triage, contact, openTicket: () => undefined, ...wrong } as EmergencyTierOptions
    expect(() => emergencyTier(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(option) as string }),
    )
  })
})

describe('a tier list with an emergency tier before all others', () => {
  const desk = (more: Partial<EmergencyTierOptions> = {}) => {
    const { tier, clock, tickets } = setting(more)
    const main = scripted(clock, whole('Good morning.'))
    const list = tierList({
      name: 'desk',
      clock,
      tiers: [
        { name: 'emergency', model: tier, exceptional: true },
        { name: 'main', model: main },
        { name: 'other', model: scripted(clock, whole('Hello.')) },
      ],
    })
    return { list, main, clock, tickets }
  }

  it('asks nobody else in an emergency, and its answer is not a degraded one', async () => {
    const { list, main } = desk()
    const { providerMetadata } = await list.doGenerate(ask(HELP))
    expect(main.calls).toEqual([])
    expect(provenanceOf(providerMetadata)).toMatchObject({ tier: 'emergency', servedBy: 'emergency', degraded: false })
  })

  it('skips it for everything else, whose answers are not degraded either', async () => {
    const { list, tickets } = desk()
    const { providerMetadata } = await list.doGenerate(ask('Good morning'))
    expect(provenanceOf(providerMetadata)).toMatchObject({
      tier: 'main',
      degraded: false,
      attempts: [
        { tier: 'emergency', outcome: 'skipped', code: 'NOT_AN_EMERGENCY' },
        { tier: 'main', outcome: 'served' },
      ],
    })
    expect(tickets).toEqual([])
  })

  it('still calls degraded what a substitute answers', async () => {
    const { list, main } = desk()
    main.doStream = () => Promise.reject(new Error('down'))
    const { providerMetadata } = await list.doGenerate(ask('Good morning'))
    expect(provenanceOf(providerMetadata)).toMatchObject({ tier: 'other', degraded: true })
  })

  it('opens one ticket for a request, whose id the list has made', async () => {
    const { list, tickets } = desk()
    const { providerMetadata } = await list.doGenerate(ask(HELP))
    expect(tickets.map(({ requestId }) => requestId)).toEqual([provenanceOf(providerMetadata)?.requestId])
  })
})
