import type { AiEvent } from '@holdfast/ai'
import type { GuardrailDecided } from '@holdfast/ai/guardrails'
import type { Keeper } from '../desks/keep-entries.ts'
import type { Log } from '../http/context.ts'

/** Entries that are being kept at once. What comes on top waits, and is counted together by its kind: whoever sends many bad questions must not fill memory. */
const MOST_AT_ONCE = 50
/** Kinds that wait. */
const MOST_WAITING = 1_000

/** Keeps what guardrails have decided. */
export interface DecisionKeeper {
  observe(event: AiEvent): void
  /** Resolves when everything that was observed is kept. */
  settled(): Promise<void>
}

/** Makes an audit entry of each decision: which rule did what, for whom and in which request; never any text of it. */
export function createDecisionKeeper(audit: Keeper['audit'], log: Log): DecisionKeeper {
  const waiting = new Map<string, GuardrailDecided>()
  const underWay = new Set<Promise<void>>()

  const keep = ({ tenant, guardrail, action, requestId, direction, rule, kind, count }: GuardrailDecided): void => {
    const kept = audit(
      { tenant },
      {
        action: `guardrail-${action}`,
        target: `guardrail:${guardrail}`,
        actor: 'guardrail',
        details: {
          direction,
          rule,
          ...(kind === undefined ? {} : { kind }),
          count,
          ...(requestId === undefined ? {} : { requestId }),
        },
      },
    ).finally(() => {
      underWay.delete(kept)
      const [next] = waiting
      if (next === undefined) return
      waiting.delete(next[0])
      keep(next[1])
    })
    underWay.add(kept)
  }

  const wait = ({ requestId: _, ...event }: GuardrailDecided): void => {
    const { tenant, guardrail, direction, rule, action, kind } = event
    const key = JSON.stringify([tenant, guardrail, direction, rule, action, kind])
    const { count = 0 } = waiting.get(key) ?? {}
    if (count > 0 || waiting.size < MOST_WAITING) waiting.set(key, { ...event, count: count + event.count })
    else log.error({ guardrail, rule, action }, 'a decision of a guardrail was not kept: too many wait for the store')
  }

  return {
    observe(event) {
      if (event.type !== 'guardrail-decided') return
      if (underWay.size < MOST_AT_ONCE) keep(event)
      else wait(event)
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
