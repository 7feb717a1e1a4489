import type { LanguageModelV4Content, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { emptyAnswer } from '../../errors/failures.ts'
import { hasOutput } from '../../stream-parts/output.ts'
import { checkedTexts } from './checked-blocks.ts'
import type { Decisions } from './decisions.ts'
import { answerBlocked } from './errors.ts'
import type { CheckedText, OutputCheck } from './output.ts'

/**
 * A whole answer as it may go out.
 *
 * @throws HoldfastError ANSWER_BLOCKED, or EMPTY_ANSWER for one without output.
 */
export function checkedAnswer(
  result: LanguageModelV4GenerateResult,
  check: OutputCheck,
  decisions: Decisions,
): LanguageModelV4GenerateResult {
  const whole = (text: string): string => {
    const checked = check.text(decisions)
    return checked.push(text) + checked.flush()
  }
  checkFinish(hasOutput(result.content), result.finishReason.unified, check, decisions)
  const texts = checkedParts('text', result.content, () => check.text(decisions))
  const thoughts =
    check.reasoning === 'check' ? checkedParts('reasoning', result.content, () => check.thought(decisions)) : undefined
  const content: LanguageModelV4Content[] = []
  for (const [at, part] of result.content.entries()) {
    if (part.type === 'text') content.push({ ...part, text: texts[at]! })
    else if (part.type === 'reasoning') {
      if (check.reasoning === 'allow') content.push(part)
      if (thoughts !== undefined) content.push({ ...part, text: thoughts[at]! })
    } else {
      if (part.type === 'tool-call' && check.toolInputs) checkToolInput(part.input, check, decisions)
      content.push(part)
    }
  }
  const { structuredOutputText } = result
  const structured = structuredOutputText === undefined ? {} : { structuredOutputText: whole(structuredOutputText) }
  decisions.end()
  return { ...result, content, ...structured }
}

function checkedParts(
  type: 'text' | 'reasoning',
  content: readonly LanguageModelV4Content[],
  begin: () => CheckedText,
): readonly string[] {
  // A part of another kind says nothing.
  return checkedTexts(
    content.map((part) => (part.type === type ? part.text : '')),
    begin,
  )
}

/** @throws HoldfastError for an answer that ends without output, or before its end. */
export function checkFinish(spoken: boolean, reason: string, check: OutputCheck, decisions: Decisions): void {
  if (reason === 'error' || reason === 'interrupted') return
  if (!spoken) {
    decisions.tell({ direction: 'output', rule: 'empty', action: 'blocked' })
    // The model's own failure, which its circuit breaker must learn.
    throw emptyAnswer()
  }
  if (reason === 'length' && check.cut === 'block') {
    decisions.end()
    decisions.tell({ direction: 'output', rule: 'cut', action: 'blocked' })
    throw answerBlocked('cut')
  }
}

/** What is passed to a tool, as it is written and as it is read: escapes of JSON would hide a leak. */
export function checkToolInput(input: string, check: OutputCheck, decisions: Decisions): void {
  const checked = check.toolInput(decisions)
  checked.push(input)
  checked.flush()
  if (!input.includes('\\u')) return
  try {
    const read = check.toolInput(decisions)
    read.push(JSON.stringify(JSON.parse(input)))
    read.flush()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
}
