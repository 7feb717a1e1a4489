import type { AssistantWrites } from '@holdfast/ai'
import { createWriteMemory } from '@holdfast/connectors/writes'
import { HoldfastError } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { charterAssistant } from '../src/index.ts'
import { SAME_WISH_MS } from '../src/tools/deeds.ts'
import { startDesk } from './desk.ts'
import type { Desk } from './desk.ts'
import { startOutside } from './outside.ts'
import type { Outside, Reply } from './outside.ts'

const SEARCH = 'A jet from Teterboro to Miami on 4 December 2026 for 4 people'
const QUOTE = 'Please request quotes: Teterboro to Miami on 4 December 2026 for 4 people'
const QUOTE_AGAIN = 'Request it again please: quotes from Teterboro to Miami, 4 December 2026, 4 passengers'
const GERMAN = 'Bitte Angebote anfragen: Berlin nach Nizza am 4. Dezember 2026, 4 Personen'
const TRIP = { segments: [{ from: 'KTEB', to: 'KOPF', date: '2026-12-04' }], passengers: 4 }
const FAILS = { status: 500, body: '{}' }

let outside: Outside
let desk: Desk
beforeEach(async () => {
  outside = await startOutside()
  desk = startDesk(outside)
})
afterEach(() => outside.close())

describe('a tool whose service does not work', () => {
  it('leaves the answer to the memory, which it does not overwrite', async () => {
    await desk.ask(SEARCH)
    desk.down('n8n', 'avinode')
    outside.answer('llm', calls('search_aircraft', TRIP), says('HoldfastError: Avinode refused the connection'))
    for (const requestId of ['r-2', 'r-3']) {
      const { text, provenance } = await desk.ask(SEARCH, { requestId })
      expect(text).toContain('The workflow suggests a Citation CJ3.')
      expect(text).not.toContain('Avinode')
      expect(provenance).toMatchObject({ tier: 'stale' })
      expect(provenance.attempts).toContainEqual(
        expect.objectContaining({ tier: 'direct/agent', code: 'CIRCUIT_ISOLATED', mayHaveTakenEffect: false }),
      )
      outside.answer('llm', calls('search_aircraft', TRIP), says('HoldfastError: Avinode refused the connection'))
    }
  })

  it('leaves a request that was certainly not sent to the offline answer, which says so', async () => {
    desk.down('n8n', 'avinode')
    outside.answer('llm', calls('request_quote', TRIP), says('Sent.'))
    const { text, provenance } = await desk.ask(QUOTE)
    expect(provenance.tier).toBe('offline')
    expect(text).toContain('Nothing was booked or sent')
  })
})

describe('a request that Avinode does not confirm', () => {
  it.each([
    ['the model', [], QUOTE, 'It may already have been sent'],
    ['the rules', ['llm'], QUOTE, 'It may already have been sent'],
    ['the rules', ['llm'], GERMAN, 'Das ist womöglich schon verschickt worden'],
  ] as const)('of %s (without %j) is told as it is, once and again: %s', async (_, down, question, said) => {
    desk.down('n8n', ...down)
    outside.answer('avinode', FAILS)
    for (const requestId of ['r-1', 'r-2']) {
      outside.answer('llm', calls('request_quote', TRIP), says('Sent.'))
      const { text, provenance } = await desk.ask(question, { requestId })
      expect(text).toContain(said)
      expect(text).toContain('+1 555 0100')
      expect(text).not.toContain('Sent.')
      expect(provenance).toMatchObject({ tier: 'direct', servedBy: 'rules' })
      const worker = down.length === 0 ? 'direct/agent' : 'direct/rules'
      expect(provenance.attempts).toContainEqual(expect.objectContaining({ tier: worker, mayHaveTakenEffect: true }))
    }
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
    desk.down('llm', 'avinode')
    expect((await desk.ask(question, { requestId: 'r-3', tenant: 'globex' })).provenance.tier).toBe('offline')
  })

  it('is told so even if the rules do not read a request in the message', async () => {
    desk.down('n8n')
    outside.answer('avinode', FAILS)
    outside.answer('llm', calls('request_quote', TRIP), says('Sent.'))
    expect((await desk.ask('Yes please, go ahead')).text).toContain('It may already have been sent')
  })
})

describe('the same request without a conversation', () => {
  it('of the rules is not sent twice, and its number is told', async () => {
    desk.down('n8n', 'llm')
    await desk.ask(QUOTE, { requestId: 'r-1' })
    const { text } = await desk.ask(QUOTE_AGAIN, { requestId: 'r-2' })
    expect(text).toContain('This has already been sent; its number is **arfq-4471**. It was not sent a second time.')
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
  })

  it('of the model is not sent twice, whatever it notes beside it, and its number is told', async () => {
    desk.down('n8n')
    outside.answer('llm', calls('request_quote', TRIP), says('Your request is on its way.'))
    expect((await desk.ask(QUOTE, { requestId: 'r-1' })).text).not.toContain('already')
    outside.answer('llm', calls('request_quote', { ...TRIP, notes: 'Again' }), says('Your request is on its way.'))
    expect((await desk.ask(QUOTE_AGAIN, { requestId: 'r-2' })).text).toContain('its number is **arfq-4471**')
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
  })

  it('is another wish after ten minutes, for another day, and for another tenant', async () => {
    desk.down('n8n', 'llm')
    await desk.ask(QUOTE, { requestId: 'r-1' })
    await desk.ask(QUOTE.replace('4 December', '5 December'), { requestId: 'r-2' })
    await desk.ask(QUOTE, { requestId: 'r-3', tenant: 'globex' })
    expect(outside.operations('avinode')).toHaveLength(3)
    await desk.clock.advance(SAME_WISH_MS - 1)
    await desk.ask(QUOTE, { requestId: 'r-4' })
    expect(outside.operations('avinode')).toHaveLength(3)
    await desk.clock.advance(1)
    expect((await desk.ask(QUOTE, { requestId: 'r-5' })).text).toContain('is out to the operators')
    expect(outside.operations('avinode')).toHaveLength(4)
  })

  it('is sent once when it comes twice at once', async () => {
    desk.down('n8n', 'llm')
    await Promise.all(['r-1', 'r-2'].map((requestId) => desk.ask(QUOTE, { requestId })))
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
  })
})

describe('with a memory of writes that outlives the desk', () => {
  it('the same request of a conversation is not sent twice after a restart, by another process', async () => {
    const writes = createWriteMemory()
    for (const requestId of ['r-1', 'r-2']) {
      desk = startDesk(outside, undefined, writes)
      desk.down('n8n', 'llm')
      expect((await desk.ask(QUOTE, { requestId, sessionId: 's-1' })).text).toContain('arfq-4471')
    }
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
  })

  it('nothing is sent while that is away', async () => {
    const away: AssistantWrites = { once: () => Promise.reject(memoryFailure('WRITE_MEMORY_AWAY', false)) }
    desk = startDesk(outside, undefined, away)
    desk.down('n8n', 'llm')
    const { text, provenance } = await desk.ask(QUOTE)
    expect(provenance.tier).toBe('offline')
    expect(text).toContain('Nothing was booked or sent')
    expect(outside.operations('avinode')).toEqual([])
  })

  it('what a person has settled is known at once, without a restart', async () => {
    const writes = createWriteMemory()
    const keys: string[] = []
    let doubt: HoldfastError | undefined = memoryFailure('WRITE_UNCONFIRMED', true)
    desk = startDesk(outside, undefined, {
      once(write, make) {
        keys.push(write.key)
        return doubt === undefined ? writes.once(write, make) : Promise.reject(doubt)
      },
    })
    desk.down('n8n', 'llm')
    const ask = async (requestId: string): Promise<string> => (await desk.ask(QUOTE, { requestId })).text
    expect(await ask('r-1')).toContain('It may already have been sent')
    doubt = memoryFailure('WRITE_MEMORY_AWAY', false)
    expect(await ask('r-2')).toContain('It may already have been sent')
    doubt = undefined
    expect(await ask('r-3')).toContain('its number is **arfq-4471**')
    expect(outside.operations('avinode')).toEqual(['POST /rfqs'])
    expect([keys.length, new Set(keys).size]).toEqual([3, 1])
  })
})

describe('the time zone of a charter desk', () => {
  it.each(['Mars/Rome', '', 7])('is refused at construction when it is none: %s', (timeZone) => {
    expect(() => charterAssistant({ timeZone: timeZone as string })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: `timeZone must be the IANA name of a time zone, such as "America/New_York"; it is ${JSON.stringify(timeZone)}.`,
      }),
    )
  })
})

function memoryFailure(code: string, mayHaveTakenEffect: boolean): HoldfastError {
  return new HoldfastError({
    code,
    category: 'rejected',
    message: code,
    retryable: !mayHaveTakenEffect,
    mayHaveTakenEffect,
  })
}

/** What a language model streams. */
function streamed(delta: object, reason: string): Reply {
  const chunk = (piece: object, finish: string | null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [{ index: 0, delta: piece, finish_reason: finish }] })}\n\n`
  return { type: 'text/event-stream', body: `${chunk(delta, null)}${chunk({}, reason)}data: [DONE]\n\n` }
}

function says(content: string): Reply {
  return streamed({ role: 'assistant', content }, 'stop')
}

function calls(name: string, input: object): Reply {
  const call = { index: 0, id: 'call-1', type: 'function', function: { name, arguments: JSON.stringify(input) } }
  return streamed({ role: 'assistant', tool_calls: [call] }, 'tool_calls')
}
