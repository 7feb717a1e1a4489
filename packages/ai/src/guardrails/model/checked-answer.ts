import type { LanguageModelV4Content, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { emptyAnswer } from '../../errors/failures.ts'
import { hasOutput } from '../../stream-parts/output.ts'
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
  checkFinish(hasOutput(result.content), result.finishReason.unified, check, decisions)
  const whole = (checked: CheckedText, text: string): string => checked.push(text) + checked.flush()
  const content: LanguageModelV4Content[] = []
  for (const part of result.content) {
    if (part.type === 'text') content.push({ ...part, text: whole(check.text(decisions), part.text) })
    else if (part.type === 'reasoning') {
      if (check.reasoning === 'allow') content.push(part)
      if (check.reasoning === 'check') content.push({ ...part, text: whole(check.thought(decisions), part.text) })
    } else {
      if (part.type === 'tool-call' && check.toolInputs) checkToolInput(part.input, check, decisions)
      content.push(part)
    }
  }
  const { structuredOutputText } = result
  const structured =
    structuredOutputText === undefined
      ? {}
      : { structuredOutputText: whole(check.text(decisions), structuredOutputText) }
  decisions.end()
  return { ...result, content, ...structured }
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
