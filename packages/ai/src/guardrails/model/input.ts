import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { stripControls } from '../checks/controls.ts'
import { type HostTest, hostTest } from '../checks/hosts.ts'
import { foreignLink, scriptLink } from '../checks/links.ts'
import type { GuardrailRule } from '../events.ts'
import { injectionScore } from '../injection/injection.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { detectorTable, TextScan } from '../scan/text-scan.ts'
import type { Decisions } from './decisions.ts'
import { inputBlocked } from './errors.ts'
import { GUARDRAIL_DEFAULTS, type InputRules } from './options.ts'
import { mapTexts, type TextMap } from './prompt-texts.ts'

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
        const map: TextMap = (text, place) =>
          place.message >= latest && (place.role === 'user' || (place.role === 'tool' && toolResults))
            ? check(text, decisions)
            : text
        prompt = mapTexts(prompt, map)
      }
      if (redactor !== undefined) {
        prompt = mapTexts(prompt, (text, { role }) => (role === 'system' ? text : redacted(redactor, text, decisions)))
      }
      decisions.end()
      return prompt === call.prompt ? call : { ...call, prompt }
    },
  }
}

function redacted(redactor: Redactor, text: string, decisions: Decisions): string {
  const { text: clean, found } = redactor.redact(text)
  for (const { kind } of found) decisions.count('input', 'redaction', 'redacted', kind)
  return clean
}

function textCheck(rules: InputRules): (text: string, decisions: Decisions) => string {
  const {
    maxChars = GUARDRAIL_DEFAULTS.maxChars,
    controls = GUARDRAIL_DEFAULTS.controls,
    injection = GUARDRAIL_DEFAULTS.injection,
    injectionThreshold = GUARDRAIL_DEFAULTS.injectionThreshold,
    allowedHosts,
  } = rules
  const isAllowed = allowedHosts === undefined ? undefined : hostTest('input.allowedHosts', allowedHosts)
  return (text, decisions) => {
    const block = (rule: GuardrailRule): never => {
      decisions.end()
      decisions.tell({ direction: 'input', rule, action: 'blocked' })
      throw inputBlocked(rule)
    }
    if (text.length > maxChars) block('size')
    const stripped = controls === 'allow' ? { text, count: 0 } : stripControls(text)
    if (stripped.count > 0) {
      if (controls === 'block') block('controls')
      decisions.count('input', 'controls', 'stripped', undefined, stripped.count)
    }
    if (injection !== 'allow' && injectionScore(stripped.text) >= injectionThreshold) {
      if (injection === 'block') block('injection')
      decisions.count('input', 'injection', 'reported')
    }
    if (isAllowed !== undefined) {
      const rule = forbiddenLink(stripped.text, isAllowed)
      if (rule !== undefined) block(rule)
    }
    return stripped.text
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
