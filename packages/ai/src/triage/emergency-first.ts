import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { lastUserText } from '../text/last-user-text.ts'
import { tierList } from '../tiers/tier-list.ts'
import { emergencyTier } from './emergency-tier.ts'
import type { EmergencyTierOptions } from './emergency-options.ts'

/** The tier that answers emergencies, in events and provenance. */
const TIER = 'emergency'

/** What {@link emergencyFirst} makes. */
export interface EmergencyFirstModel extends LanguageModelV4 {
  /** Whether it would answer this itself; nothing is asked, nor opened. */
  isEmergency(call: Pick<LanguageModelV4CallOptions, 'prompt' | 'responseFormat'>): boolean
}

/**
 * A model that answers emergencies itself, by a tier named `emergency`, and leaves everything else to the model behind it, whose answers and events stay as they
 * are. For an assistant that is built already; in a tier list of one's own, {@link emergencyTier} goes first.
 *
 * @throws HoldfastError INVALID_OPTION when an option is wrong.
 */
export function emergencyFirst(model: LanguageModelV4, options: EmergencyTierOptions): EmergencyFirstModel {
  const { triage, events, clock } = options
  const emergency = tierList({
    name: options.assistant ?? TIER,
    ...(events === undefined ? {} : { events }),
    ...(clock === undefined ? {} : { clock }),
    tiers: [{ name: TIER, exceptional: true, model: emergencyTier(options) }],
  })
  const isEmergency: EmergencyFirstModel['isEmergency'] = (call) =>
    call.responseFormat?.type !== 'json' && triage.assess(lastUserText(call)).isEmergency
  const chosen = (call: LanguageModelV4CallOptions): LanguageModelV4 => (isEmergency(call) ? emergency : model)
  return Object.freeze({
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (call: LanguageModelV4CallOptions) => chosen(call).doGenerate(call),
    doStream: (call: LanguageModelV4CallOptions) => chosen(call).doStream(call),
    isEmergency,
  } satisfies EmergencyFirstModel)
}
