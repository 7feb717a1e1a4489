import { ClaimWatch, claimTable, type ClaimTable } from '../checks/claims.ts'
import { hostTest } from '../checks/hosts.ts'
import { markup, tag } from '../checks/html.ts'
import { foreignLink, scriptLink } from '../checks/links.ts'
import type { GuardrailRule } from '../events.ts'
import type { PromptGuard, PromptWatch } from '../prompt/prompt-guard.ts'
import type { RedactionKind, Redactor, StreamRedactor } from '../redaction/redactor.ts'
import { type DetectorTable, detectorTable, TextScan } from '../scan/text-scan.ts'
import type { Decisions } from './decisions.ts'
import { answerBlocked } from './errors.ts'
import { GUARDRAIL_DEFAULTS, type OutputRules } from './options.ts'

/** A text that comes in pieces and goes out checked. */
export interface CheckedText {
  /** @throws HoldfastError ANSWER_BLOCKED. */
  push(piece: string): string
  flush(): string
  /** How many characters are kept back. */
  readonly held: number
}

/** Output rules, ready to be applied. */
export interface OutputCheck {
  readonly cut: 'block' | 'allow'
  readonly reasoning: 'check' | 'drop' | 'allow'
  readonly toolInputs: boolean
  /** For text: every rule. */
  text(decisions: Decisions): CheckedText
  /** For reasoning: leaks and redaction. */
  thought(decisions: Decisions): CheckedText
  /** For what is passed to tools: leaks only; what a tool gets must not be changed. */
  toolInput(decisions: Decisions): CheckedText
}

const REMOVED = '[link removed]'

/** @throws HoldfastError INVALID_OPTION. */
export function outputCheck(rules: OutputRules | false, redactor: Redactor | undefined): OutputCheck {
  const off = rules === false
  const { prompt, claims, ...rest } = off ? ({} as OutputRules) : rules
  const scans = off ? [] : scanTables(rest)
  const forbidden = claims === undefined ? undefined : claimTable(claims)
  return {
    cut: off ? 'allow' : (rest.cut ?? GUARDRAIL_DEFAULTS.cut),
    reasoning: off ? (redactor === undefined ? 'allow' : 'check') : (rest.reasoning ?? GUARDRAIL_DEFAULTS.reasoning),
    toolInputs: !off && (rest.toolInputs ?? GUARDRAIL_DEFAULTS.toolInputs),
    text(decisions) {
      const stages: CheckedText[] = []
      if (prompt !== undefined) stages.push(leakStage(prompt, decisions))
      if (forbidden !== undefined) stages.push(claimStage(forbidden, decisions))
      for (const scan of scans.filter(({ early }) => early)) stages.push(scanStage(scan, decisions))
      if (redactor !== undefined) stages.push(redactionStage(redactor, 'output', decisions))
      // Last, so that nothing that was put in the place of something brings a tag in.
      for (const scan of scans.filter(({ early }) => !early)) stages.push(scanStage(scan, decisions))
      return chain(stages)
    },
    thought(decisions) {
      const stages: CheckedText[] = []
      if (prompt !== undefined) stages.push(leakStage(prompt, decisions))
      if (redactor !== undefined) stages.push(redactionStage(redactor, 'output', decisions))
      return chain(stages)
    },
    toolInput: (decisions) => chain(prompt === undefined ? [] : [leakStage(prompt, decisions)]),
  }
}

interface ScanPlan {
  readonly table: DetectorTable
  readonly early: boolean
  /** What to do about a match: a text to put in its place, or `block`. */
  readonly treat: (rule: GuardrailRule) => 'escape' | 'remove' | 'block'
}

function scanTables(rules: OutputRules): readonly ScanPlan[] {
  const { html = GUARDRAIL_DEFAULTS.html, foreignLinks = GUARDRAIL_DEFAULTS.foreignLinks, allowedHosts } = rules
  const links = [
    scriptLink,
    ...(allowedHosts === undefined ? [] : [foreignLink(hostTest('output.allowedHosts', allowedHosts))]),
  ]
  const plans: ScanPlan[] = [
    {
      table: detectorTable(links),
      early: true,
      treat: (rule) => (rule === 'links' && foreignLinks === 'remove' ? 'remove' : 'block'),
    },
  ]
  if (html !== 'allow') {
    plans.push({ table: detectorTable([html === 'block' ? tag : markup]), early: false, treat: () => html })
  }
  return plans
}

function scanStage({ table, treat }: ScanPlan, decisions: Decisions): CheckedText {
  const scan = new TextScan(table, {
    replace({ kind }) {
      const rule = kind as GuardrailRule
      const action = treat(rule)
      if (action === 'block') throw block(decisions, rule)
      decisions.count('output', rule, action === 'remove' ? 'removed' : 'escaped')
      return action === 'remove' ? REMOVED : '&lt;'
    },
  })
  return {
    push: (piece) => scan.push(piece),
    flush: () => scan.end(),
    get held() {
      return scan.held
    },
  }
}

function leakStage(guard: PromptGuard, decisions: Decisions): CheckedText {
  const watch = guard.watch()
  const judged = (out: string, { leak }: PromptWatch): string => {
    if (leak !== undefined) throw block(decisions, 'prompt-leak', `${leak.rule}-${leak.disguise}`)
    return out
  }
  return unchanged({ push: (piece) => judged(watch.push(piece), watch), flush: () => judged(watch.flush(), watch) })
}

function claimStage(table: ClaimTable, decisions: Decisions): CheckedText {
  const watch = new ClaimWatch(table, (name) => {
    throw block(decisions, 'claim', name)
  })
  return unchanged({ push: (piece) => watch.push(piece), flush: () => watch.flush() })
}

/** A stage that lets a text out as it came in, sooner or later, so that it holds what has not come out. */
function unchanged({ push, flush }: Omit<CheckedText, 'held'>): CheckedText {
  let held = 0
  return {
    push(piece) {
      const out = push(piece)
      held += piece.length - out.length
      return out
    },
    flush() {
      held = 0
      return flush()
    },
    get held() {
      return held
    },
  }
}

export function redactionStage(redactor: Redactor, direction: 'input' | 'output', decisions: Decisions): CheckedText {
  const stream = redactor.stream()
  const told = new Map<RedactionKind, number>()
  const counted = (out: string, { counts }: StreamRedactor): string => {
    for (const [kind, count] of counts) {
      decisions.count(direction, 'redaction', 'redacted', kind, count - (told.get(kind) ?? 0))
      told.set(kind, count)
    }
    return out
  }
  return {
    push: (piece) => counted(stream.push(piece), stream),
    flush: () => counted(stream.flush(), stream),
    get held() {
      return stream.held
    },
  }
}

function block(decisions: Decisions, rule: GuardrailRule, kind?: string): unknown {
  decisions.end()
  decisions.tell({ direction: 'output', rule, action: 'blocked', kind })
  return answerBlocked(rule)
}

/** What one stage lets out goes into the next. */
function chain(stages: readonly CheckedText[]): CheckedText {
  return {
    push: (piece) => stages.reduce((text, stage) => (text === '' ? '' : stage.push(text)), piece),
    flush: () => stages.reduce((text, stage) => (text === '' ? '' : stage.push(text)) + stage.flush(), ''),
    get held() {
      let sum = 0
      for (const stage of stages) sum += stage.held
      return sum
    },
  }
}
