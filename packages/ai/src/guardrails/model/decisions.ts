import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Clock, Events } from '@holdfast/core'
import type { AiEvent } from '../../events/events.ts'
import { requestContext } from '../../provenance/request-context.ts'
import type { GuardrailAction, GuardrailDecided, GuardrailRule } from '../events.ts'

/** A decision, without who it was made for. */
export type Decision = Pick<GuardrailDecided, 'direction' | 'rule' | 'action'> & { readonly kind?: string | undefined }

/** Collects the decisions about one call: a block is told at once, the rest, counted, when the call is at its end. */
export interface Decisions {
  /** Tells at once. */
  tell(decision: Decision, count?: number): void
  /** Counts, to be told at the end. */
  count(
    direction: 'input' | 'output',
    rule: GuardrailRule,
    action: GuardrailAction,
    kind?: string,
    count?: number,
  ): void
  /** The call is at its end. */
  end(): void
}

export function decisionsOf(
  name: string,
  call: LanguageModelV4CallOptions,
  events: Events<AiEvent> | undefined,
  clock: Clock,
): Decisions {
  const counted = new Map<string, { readonly decision: Decision; count: number }>()
  const tell = ({ kind, ...decision }: Decision, count = 1): void => {
    if (events?.active !== true) return
    const { requestId, tenant = 'default' } = requestContext(call)
    events.emit({
      type: 'guardrail-decided',
      at: clock.wallTime(),
      guardrail: name,
      ...(requestId === undefined ? {} : { requestId }),
      tenant,
      ...decision,
      ...(kind === undefined ? {} : { kind }),
      count,
    })
  }
  return {
    tell,
    count(direction, rule, action, kind, count = 1) {
      if (events?.active !== true || count === 0) return
      const key = `${direction} ${rule} ${action} ${kind ?? ''}`
      const entry = counted.get(key)
      if (entry === undefined) counted.set(key, { decision: { direction, rule, action, kind }, count })
      else entry.count += count
    },
    end() {
      for (const { decision, count } of counted.values()) tell(decision, count)
      counted.clear()
    },
  }
}
