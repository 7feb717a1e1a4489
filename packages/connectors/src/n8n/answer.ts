import { misconfigured, unusable, workflowFailed } from './failures.ts'

/** Names under which workflows put their answer, best first. `output` is the AI Agent's, `text` the chain nodes'. */
const ANSWER_FIELDS = ['output', 'text', 'response', 'answer', 'message', 'reply'] as const

/** Wrappers around the object that holds the answer: n8n's own item shape, and what people build by hand. */
const WRAPPERS = ['json', 'data', 'body', 'result'] as const

/** What the Webhook node sends when it is set to respond at once, or the workflow returned nothing. */
const NO_ANSWER = [/^workflow (was )?started/i, /^workflow executed successfully/i, /^no item to return/i]

const MAX_DEPTH = 6

/**
 * Finds the answer in a whole reply: JSON in any of the shapes that n8n sends, or plain text.
 * @throws HoldfastError for a reply that holds none.
 */
export function readAnswer(body: string, responseText?: (json: unknown) => string | undefined): string {
  if (body.trim() === '') {
    throw unusable('EMPTY_REPLY', 'with an empty body, as it does when a workflow throws before its Respond node')
  }
  const json = parse(body)
  if (json === undefined) return plainText(body)
  if (typeof json === 'string') return plainText(json)
  const chosen = responseText?.(json)
  if (chosen !== undefined) return plainText(chosen)
  if (saysFailure(json)) throw workflowFailed()
  const answer = find(json, 0)
  if (answer === undefined) throw unusable('NO_ANSWER', 'with JSON in which there is no answer')
  if (NO_ANSWER.some((pattern) => pattern.test(answer))) {
    throw misconfigured(
      'without waiting for the workflow: set its response mode to the last node, a Respond node or streaming',
    )
  }
  return plainText(answer)
}

/** Checks text that is to be shown. @throws HoldfastError when it is empty, binary or a web page. */
export function plainText(text: string): string {
  if (text.trim() === '') throw unusable('EMPTY_REPLY', 'with an empty answer')
  if (text.includes('\0')) throw unusable('BINARY_REPLY', 'with binary data')
  if (/^\s*(<!doctype html|<html[\s>]|<\?xml)/i.test(text)) {
    throw unusable('HTML_REPLY', 'with a web page, as a proxy or a login page in front of it does')
  }
  return text
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    // Half a JSON document is a failure; anything else is text.
    if (/^\s*(\{\s*"|\[\s*[{["])/.test(body)) throw unusable('MALFORMED_JSON', 'with broken JSON')
    return undefined
  }
}

function find(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    const parts = value.map((item) => find(item, depth + 1)).filter((part) => part !== undefined && part !== '')
    return parts.length === 0 ? undefined : parts.join('\n\n')
  }
  const record = value as Record<string, unknown>
  for (const field of ANSWER_FIELDS) {
    const inner = record[field]
    const found = inner === undefined || inner === null ? undefined : find(inner, depth + 1)
    if (found !== undefined) return found
  }
  for (const field of WRAPPERS) {
    const inner = record[field]
    if (typeof inner !== 'object' || inner === null) continue
    const found = find(inner, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a 200 carries an error object: n8n's own, or one that the workflow's error branch responds with. */
function saysFailure(json: unknown): boolean {
  const record = Array.isArray(json) && json.length === 1 ? (json[0] as unknown) : json
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return false
  const { error, errorMessage, success, ok, status, code, stack, stacktrace, hint } = record as Record<string, unknown>
  if (truthy(error) || truthy(errorMessage) || truthy(stack) || truthy(stacktrace)) return true
  if (success === false || ok === false) return true
  if (typeof status === 'string' && /^(error|failed|failure)$/i.test(status)) return true
  const number = typeof code === 'number' ? code : typeof status === 'number' ? status : 0
  return (number >= 400 && number <= 599) || (hint !== undefined && number !== 0)
}

function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== ''
}
