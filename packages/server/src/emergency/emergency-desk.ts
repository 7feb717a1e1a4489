import { randomUUID } from 'node:crypto'
import { textModel } from '@holdfast/ai'
import { createTriage, emergencyFirst } from '@holdfast/ai/triage'
import type { Triage } from '@holdfast/ai/triage'
import { createEvents, systemClock } from '@holdfast/core'
import type { CoreEvent, Events, Integration } from '@holdfast/core'
import { createDelivery, idempotencyKeyOf } from '@holdfast/store/delivery'
import type { Delivery, DeliveryEvent, DeliverySnapshot } from '@holdfast/store/delivery'
import { openJournal } from '@holdfast/store/journal'
import type { Journal, JournalEvent, JournalSnapshot } from '@holdfast/store/journal'
import { createTicketDesk } from '@holdfast/store/tickets'
import type { TicketDesk } from '@holdfast/store/tickets'
import { EMERGENCY_OPTIONS_DEFAULTS } from '../config/options.ts'
import type { EmergencyOptions, HoldfastConfig } from '../config/options.ts'
import type { OnCallAddress } from '../environment/on-call.ts'
import type { RunningAssistant } from '../http/context.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { createOnCall, ON_CALL, onCallIntegration } from './on-call.ts'
import type { OnCall } from './on-call.ts'
import type { KeptTicket } from './on-call-message.ts'

/** What the tickets' journal and their delivery report. */
export type StoreEvent = JournalEvent | DeliveryEvent

/** How the tickets of emergencies are. */
export interface EmergencyHealth {
  /** Tickets that the people on call have not confirmed. */
  readonly undelivered: number
  /** Those of them that are not sent again before the next start. */
  readonly givenUp: number
  /** `off`: nobody is told, as `ONCALL_WEBHOOK_URL` is not set. */
  readonly delivery: DeliverySnapshot['state'] | 'off'
  /** `failed`: the disk takes no tickets; the answers say so. */
  readonly journal: JournalSnapshot['state']
}

/** Emergencies, from the answer to the people on call. */
export interface EmergencyDesk {
  /** All of them, those that it stands before behind the emergency tier. */
  readonly assistants: ReadonlyMap<string, RunningAssistant>
  /** All of them, with that of the people on call. */
  readonly integrations: readonly Integration[]
  readonly events: Events<StoreEvent>
  health(): EmergencyHealth
  /** Lets what waits be delivered for two seconds, and closes the journal; the rest is delivered after the next start. */
  stop(): Promise<void>
}

/** What {@link openEmergencyDesk} is made with. */
export interface EmergencyDeskOptions {
  readonly config: Pick<HoldfastConfig, 'emergency' | 'contact'>
  readonly onCall: OnCallAddress | undefined
  readonly runtime: Pick<Runtime, 'assistants' | 'integrations' | 'events'>
  /** Puts a ticket that is on the disk into the store as well, once for its id. Never rejects. Default: there is no store. */
  readonly keep?: ((ticket: KeptTicket) => Promise<void>) | undefined
}

/** How often each way of an emergency is gone before the first. */
const WARM_UPS = 3

/** How many tickets that may not be on the disk are sent directly at once. */
const MOST_SENT_DIRECTLY = 100

/**
 * Opens the journal of tickets, begins to deliver what it finds, and puts the emergency tier before the assistants; `undefined` where none
 * is configured.
 * @throws HoldfastError what `openJournal` rejects with
 */
export async function openEmergencyDesk(options: EmergencyDeskOptions): Promise<EmergencyDesk | undefined> {
  const { config, onCall: address, runtime, keep } = options
  if (config.emergency === undefined) return undefined
  const settings = { ...EMERGENCY_OPTIONS_DEFAULTS, ...config.emergency }
  const triage = createTriage({ threshold: settings.threshold })
  const events = createEvents<StoreEvent>()
  const journal = await openJournal({
    directory: settings.directory,
    name: 'emergency',
    events: events as Events<JournalEvent>,
  })
  const desk = createTicketDesk({ journal })
  const configured = runtime.integrations.find(({ name }) => name === ON_CALL)
  const integration = configured ?? onCallIntegration(runtime.events as Events<CoreEvent>)
  const onCall = address && createOnCall(address)
  const delivery =
    onCall &&
    createDelivery({
      journal,
      integration,
      // Beside each other: nobody waits for the store to be told. It is done with when both have it.
      send:
        keep === undefined
          ? onCall.send
          : async (record, context) => {
              await Promise.all([onCall.send(record, context), keep(record.data as KeptTicket)])
            },
      name: ON_CALL,
      giveUpAfterMs: settings.giveUpAfterMs,
      events: events as Events<DeliveryEvent>,
    })
  // With nobody to tell, what an earlier process has left is only brought into the store.
  if (onCall === undefined && keep !== undefined) void keepPending(journal, keep)
  const isUsed = onCall !== undefined && configured === undefined
  await warmUp(triage, contactOf(config.contact, settings))
  return {
    assistants: standBefore(runtime, settings, config.contact, { triage, desk, delivery, onCall, integration, keep }),
    integrations: isUsed ? [...runtime.integrations, integration] : runtime.integrations,
    events,
    health: () => healthOf(journal, delivery),
    async stop() {
      await delivery?.stop()
      await journal.close()
      await onCall?.close()
    },
  }
}

/** What answers and tells. */
interface Parts {
  readonly triage: Triage
  readonly desk: TicketDesk
  readonly delivery: Delivery | undefined
  readonly onCall: OnCall | undefined
  readonly integration: Integration
  readonly keep: EmergencyDeskOptions['keep']
}

function standBefore(
  { assistants, events }: EmergencyDeskOptions['runtime'],
  settings: typeof EMERGENCY_OPTIONS_DEFAULTS & EmergencyOptions,
  contact: HoldfastConfig['contact'],
  { triage, desk, delivery, onCall, integration, keep }: Parts,
): ReadonlyMap<string, RunningAssistant> {
  const sendDirectly = onCall && directSender(onCall, desk, integration)
  const behind = (name: string, running: RunningAssistant): RunningAssistant => {
    const model = emergencyFirst(running.model, {
      triage,
      contact: contactOf(contact, settings, running.definition.contact),
      openTimeoutMs: settings.openTimeoutMs,
      language: settings.language,
      assistant: name,
      events,
      ticketId: (_at, tenant, key) => desk.recordOf({ tenant, key: key ?? randomUUID() }).id,
      async openTicket(ticket) {
        const id = await desk.open({ ...ticket, assistant: name })
        // Not before the answer has left.
        systemClock.schedule(0, () => {
          if (delivery === undefined) void keep?.({ ...ticket, id, assistant: name })
          else delivery.wake()
        })
        return id
      },
      notify:
        sendDirectly && ((ticket, confirmed) => (confirmed ? undefined : sendDirectly({ ...ticket, assistant: name }))),
    })
    return { ...running, model, isUrgent: (prompt) => model.isEmergency({ prompt }) }
  }
  return new Map(
    [...assistants].map(([name, running]) => {
      const isNamed = settings.assistants?.includes(name) ?? true
      return [name, isNamed ? behind(name, running) : running]
    }),
  )
}

async function keepPending(journal: Journal, keep: NonNullable<EmergencyDeskOptions['keep']>): Promise<void> {
  try {
    for await (const { data } of journal.pending()) await keep(data as KeptTicket)
  } catch {
    // It is damaged, which the opening has told, or was closed: the next start goes on.
  }
}

function contactOf(
  general: HoldfastConfig['contact'],
  settings: EmergencyOptions,
  contact: HoldfastConfig['contact'] = general,
): HoldfastConfig['contact'] {
  const phone = settings.phone ?? contact.phone ?? general.phone
  return phone === undefined ? contact : { ...contact, phone }
}

/** For a ticket that may not be on the disk: sent once from memory, under the key that it would be delivered with. */
function directSender(
  onCall: OnCall,
  desk: TicketDesk,
  integration: Integration,
): (ticket: KeptTicket) => Promise<void> {
  let underWay = 0
  return async (ticket) => {
    if (underWay >= MOST_SENT_DIRECTLY) return
    underWay += 1
    const { tenant } = ticket
    const { id, ...record } = desk.recordOf(ticket)
    const kept = { ...record, tenant, sequence: 0, at: ticket.at, data: { ...ticket, id } }
    const idempotencyKey = idempotencyKeyOf(kept)
    try {
      await integration.call(async ({ signal }) => void (await onCall.send(kept, { signal, idempotencyKey })), {
        idempotent: true,
        tenant,
      })
    } finally {
      underWay -= 1
    }
  }
}

function healthOf(journal: Journal, delivery: Delivery | undefined): EmergencyHealth {
  const { pending, state } = journal.snapshot()
  const sending = delivery?.snapshot()
  return {
    undelivered: pending,
    givenUp: sending?.givenUp ?? 0,
    delivery: sending?.state ?? 'off',
    journal: state,
  }
}

/** Goes through what an emergency goes through while nobody waits for it yet: the first one would otherwise take several times as long as those that follow. */
async function warmUp(triage: Triage, contact: HoldfastConfig['contact']): Promise<void> {
  const nobody = textModel('nobody', () => ({ text: '', report: {} }))
  const model = emergencyFirst(nobody, { triage, contact, openTicket: () => undefined })
  for (const text of [
    'Our server is down and nobody can work',
    'Il server è giù e siamo tutti fermi',
    'Good morning',
  ]) {
    const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
    for (let round = 0; round < WARM_UPS; round += 1) {
      await model.doGenerate({ prompt })
      for await (const _ of (await model.doStream({ prompt })).stream) continue
    }
  }
}
