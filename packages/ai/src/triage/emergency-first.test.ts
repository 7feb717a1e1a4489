import { createEvents } from '@holdfast/core'
import { fakeClock, recordEvents } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { ask, drain, scripted, whole } from '../../test/scripted-model.ts'
import type { AiEvent } from '../events/events.ts'
import { provenanceOf } from '../provenance/report.ts'
import { tierList } from '../tiers/tier-list.ts'
import { emergencyFirst } from './emergency-first.ts'
import { createTriage } from './triage.ts'

const triage = createTriage()
const contact = { name: 'the help desk', phone: '+39 02 555 0100' }
const HELP = 'Our server is down and nobody can work'

function setting() {
  const clock = fakeClock()
  const events = createEvents<AiEvent>()
  const record = recordEvents(events)
  const tickets: string[] = []
  const main = scripted(clock, whole('Good morning.'))
  const desk = tierList({ name: 'desk', clock, events, tiers: [{ name: 'main', model: main }] })
  const openTicket = ({ id }: { readonly id: string }): void => void tickets.push(id)
  const model = emergencyFirst(desk, { triage, contact, clock, events, openTicket, assistant: 'desk' })
  return { model, main, record, tickets }
}

describe('a model behind the emergency tier', () => {
  it('is not asked in an emergency, whole or as a stream', async () => {
    const { model, main, tickets } = setting()
    const { providerMetadata, response } = await model.doGenerate(ask(HELP))
    expect(provenanceOf(providerMetadata)).toMatchObject({ assistant: 'desk', tier: 'emergency', degraded: false })
    expect(response?.headers).toMatchObject({ 'x-holdfast-tier': 'emergency' })
    const { text } = await drain((await model.doStream(ask(HELP))).stream)
    expect(text).toContain(contact.phone)
    expect(tickets).toHaveLength(2)
    expect(main.calls).toEqual([])
  })

  it('answers everything else as if nothing stood before it', async () => {
    const { model, record, tickets } = setting()
    const { providerMetadata } = await model.doGenerate(ask('Good morning'))
    expect(provenanceOf(providerMetadata)).toMatchObject({
      tier: 'main',
      degraded: false,
      attempts: [{ tier: 'main', outcome: 'served' }],
    })
    expect((await drain((await model.doStream(ask('Good morning'))).stream)).text).toBe('Good morning.')
    expect(record.types.filter((type) => type === 'answer-started')).toHaveLength(2)
    expect(tickets).toEqual([])
  })

  it('is asked for JSON also in an emergency: no person reads that', async () => {
    const { model, main } = setting()
    await model.doGenerate(ask(HELP, { responseFormat: { type: 'json' } }))
    expect(main.calls).toHaveLength(1)
  })

  it('keeps its own name', () => {
    expect(setting().model).toMatchObject({ modelId: 'desk' })
  })
})
