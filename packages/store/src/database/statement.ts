import { HoldfastError } from '@holdfast/core'

/** What a statement may begin with. The rest would end the transaction, change in whose name it is, stay behind on the connection, or, as `explain` does, tell how many rows of others there are. */
const ALLOWED: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'with',
  'values',
  'table',
  'savepoint',
  'release',
])

/** Back to a savepoint. Alone, the word ends the transaction. */
const ROLLBACK = 'rollback'

/**
 * Refuses a statement that begins with another word than those that are allowed, before it is sent. It reads spaces and comments as PostgreSQL does: a comment may hold comments, and one of a line ends
 * at either end of a line; what read them otherwise could be shown another first word than the database sees.
 *
 * @throws HoldfastError `STATEMENT_REFUSED`
 */
export function checkStatement(text: string): void {
  const [word, rest] = firstWord(text)
  if (ALLOWED.has(word)) return
  if (word === ROLLBACK && isToSavepoint(rest)) return
  throw new HoldfastError({
    code: 'STATEMENT_REFUSED',
    category: 'client',
    message: `A transaction of the store takes ${[...ALLOWED].join(', ')} and rollback to a savepoint, and nothing that begins otherwise: it begins and ends by itself, and is somebody’s until then`,
    retryable: false,
    mayHaveTakenEffect: false,
  })
}

function isToSavepoint(rest: string): boolean {
  const [word, behind] = firstWord(rest)
  return word === 'to' || ((word === 'work' || word === 'transaction') && firstWord(behind)[0] === 'to')
}

/** The first word in lower case, empty where there is none, and what stands behind it. */
function firstWord(text: string): readonly [word: string, rest: string] {
  const at = skipBlanks(text)
  const word = /^[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/i.exec(text.slice(at, at + 64))?.[0] ?? ''
  return [word.toLowerCase(), text.slice(at + word.length)]
}

/** Where spaces, comments and brackets end. */
function skipBlanks(text: string): number {
  let at = 0
  for (;;) {
    if (/[ \t\n\r\f\v(]/.test(text.charAt(at))) at += 1
    else if (text.startsWith('--', at)) at = endOfLine(text, at)
    else if (text.startsWith('/*', at)) at = endOfComment(text, at)
    else return at
  }
}

function endOfLine(text: string, from: number): number {
  const length = text.slice(from).search(/[\n\r]/)
  return length === -1 ? text.length : from + length
}

function endOfComment(text: string, from: number): number {
  let depth = 0
  let at = from
  while (at < text.length) {
    if (text.startsWith('/*', at)) depth += 1
    else if (text.startsWith('*/', at)) depth -= 1
    else {
      at += 1
      continue
    }
    at += 2
    if (depth === 0) return at
  }
  return at
}
