import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { stripControls } from '../checks/controls.ts'
import { type HostTest, hostTest } from '../checks/hosts.ts'
import { foreignLink, scriptLink } from '../checks/links.ts'
import type { GuardrailRule } from '../events.ts'
import { injectionScore } from '../injection/injection.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { detectorTable, TextScan } from '../scan/text-scan.ts'
import { checkedTexts } from './checked-blocks.ts'
import type { Decisions } from './decisions.ts'
import { inputBlocked } from './errors.ts'
import { GUARDRAIL_DEFAULTS, type InputRules } from './options.ts'
import { redactionStage } from './output.ts'
import { mapWholes } from './prompt-texts.ts'

/** Input rules, ready to be applied. */
export interface InputCheck {
  /**
   * @returns the call as the model may have it.
   * @throws HoldfastError INPUT_BLOCKED.
   */
  apply(call: LanguageModelV4CallOptions, decisions: Decisions): LanguageModelV4CallOptions
}

/** @throws HoldfastError INVALID_OPTION. */
export function inputCheck(rules: InputRules | false, redactor: Redactor | undefined): InputCheck {
  const check = rules === false ? undefined : textCheck(rules)
  const toolResults = rules !== false && (rules.toolResults ?? GUARDRAIL_DEFAULTS.toolResults)
  return {
    apply(call, decisions) {
      let { prompt } = call
      if (check !== undefined) {
        const latest = prompt.findLastIndex(({ role }) => role === 'assistant') + 1
        prompt = mapWholes(prompt, (texts, place) =>
          place.message >= latest && (place.role === 'user' || (place.role === 'tool' && toolResults))
            ? check(texts, decisions)
            : texts,
        )
      }
      if (redactor !== undefined) {
        prompt = mapWholes(prompt, (texts, { role }) =>
          role === 'system' ? texts : redacted(redactor, texts, decisions),
        )
      }
      decisions.end()
      return prompt === call.prompt ? call : { ...call, prompt }
    },
  }
}

function redacted(redactor: Redactor, texts: readonly string[], decisions: Decisions): readonly string[] {
  const clean = texts.map((text) => {
    const { text: own, found } = redactor.redact(text)
    for (const { kind } of found) decisions.count('input', 'redaction', 'redacted', kind)
    return own
  })
  if (clean.length === 1) return clean
  return checkedTexts(clean, () => redactionStage(redactor, 'input', decisions))
}

/** Each text alone, and what they are together: a model may read them with or without a space between. */
function readings(texts: readonly string[]): readonly string[] {
  return texts.length === 1 ? texts : [...texts, texts.join(''), texts.join(' ')]
}

function textCheck(rules: InputRules): (texts: readonly string[], decisions: Decisions) => readonly string[] {
  const {
    maxChars = GUARDRAIL_DEFAULTS.maxChars,
    controls = GUARDRAIL_DEFAULTS.controls,
    injection = GUARDRAIL_DEFAULTS.injection,
    injectionThreshold = GUARDRAIL_DEFAULTS.injectionThreshold,
    allowedHosts,
  } = rules
  const isAllowed = allowedHosts === undefined ? undefined : hostTest('input.allowedHosts', allowedHosts)
  return (texts, decisions) => {
    const block = (rule: GuardrailRule): never => {
      decisions.end()
      decisions.tell({ direction: 'input', rule, action: 'blocked' })
      throw inputBlocked(rule)
    }
    if (texts.reduce((sum, { length }) => sum + length, 0) > maxChars) block('size')
    const stripped = texts.map((text) => {
      const { text: own, count } = controls === 'allow' ? { text, count: 0 } : stripControls(text)
      if (count > 0) {
        if (controls === 'block') block('controls')
        decisions.count('input', 'controls', 'stripped', undefined, count)
      }
      return own
    })
    const read = readings(stripped)
    if (injection !== 'allow' && read.some((text) => injectionScore(text) >= injectionThreshold)) {
      if (injection === 'block') block('injection')
      decisions.count('input', 'injection', 'reported')
    }
    if (isAllowed !== undefined) {
      for (const text of read) {
        const rule = forbiddenLink(text, isAllowed)
        if (rule !== undefined) block(rule)
      }
    }
    return stripped
  }
}

function forbiddenLink(text: string, isAllowed: HostTest): GuardrailRule | undefined {
  let rule: GuardrailRule | undefined
  const scan = new TextScan(detectorTable([scriptLink, foreignLink(isAllowed)]), {
    replace(detector, matched) {
      rule ??= detector.kind as GuardrailRule
      return matched
    },
  })
  scan.end(text)
  return rule
}
