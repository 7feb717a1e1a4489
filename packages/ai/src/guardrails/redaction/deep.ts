/** Bounds of {@link redactDeep}. */
export interface DeepOptions {
  /** Levels below the value itself; what lies deeper is told by its kind only. 0 to 64. Default: 8. */
  readonly maxDepth?: number | undefined
  /** Members looked at in the whole value; the others are left out, and counted. Default: 1,000. */
  readonly maxMembers?: number | undefined
  /** Longest text, in characters; the rest is left out, and counted. Default: 8,192. */
  readonly maxText?: number | undefined
}

/** What {@link DeepOptions} fall back to. */
export const DEEP_DEFAULTS: Readonly<{ maxDepth: number; maxMembers: number; maxText: number }> = Object.freeze({
  maxDepth: 8,
  maxMembers: 1_000,
  maxText: 8_192,
})

/** Members whose value is a secret whatever it looks like; names are compared in small letters, without `-` and `_`. */
const SECRET_MEMBERS =
  /(?:password|passwd|passphrase|pwd|secret|apikey|accesskey|privatekey|secretkey|clientsecret|authorization|cookie|credentials?|(?:access|refresh|auth|id|admin|bearer|session)token|^(?:token|cvv2?|cvc2?|csc))$/

interface Walk {
  readonly redact: (text: string) => string
  readonly maxText: number
  readonly path: Set<object>
  members: number
}

/**
 * A copy of a value in which every string is redacted, and every member that is named like a secret, within bounds. Never throws; a getter
 * that throws, a circle, a function, bytes become words in brackets. Classes become plain objects, maps and sets arrays.
 */
export function redactDeep(redact: (text: string) => string, value: unknown, options: DeepOptions = {}): unknown {
  const { maxDepth = DEEP_DEFAULTS.maxDepth, maxMembers = DEEP_DEFAULTS.maxMembers } = options
  const walk: Walk = {
    redact,
    maxText: options.maxText ?? DEEP_DEFAULTS.maxText,
    path: new Set(),
    members: maxMembers,
  }
  return look(walk, value, maxDepth)
}

function look(walk: Walk, value: unknown, depth: number): unknown {
  try {
    switch (typeof value) {
      case 'string':
        return text(walk, value)
      case 'bigint':
        return String(value)
      case 'function':
        return '[function]'
      case 'symbol':
        return '[symbol]'
      case 'object':
        return value === null ? null : lookInto(walk, value, depth)
      default:
        return value
    }
  } catch {
    return '[unreadable]'
  }
}

function lookInto(walk: Walk, value: object, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[date]' : value.toISOString()
  if (value instanceof URL || value instanceof RegExp) return text(walk, String(value))
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (walk.path.has(value)) return '[circular]'
  if (depth <= 0) return Array.isArray(value) ? '[array]' : '[object]'
  walk.path.add(value)
  try {
    if (Array.isArray(value)) return items(walk, value, value.length, depth)
    if (value instanceof Map || value instanceof Set) return items(walk, value, value.size, depth)
    return members(walk, value, depth)
  } finally {
    walk.path.delete(value)
  }
}

function items(walk: Walk, values: Iterable<unknown>, count: number, depth: number): unknown[] {
  const copy: unknown[] = []
  for (const item of values) {
    if (walk.members <= 0) {
      copy.push(`[${count - copy.length} more]`)
      break
    }
    walk.members -= 1
    copy.push(look(walk, item, depth - 1))
  }
  return copy
}

function members(walk: Walk, value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  const put = (name: string, member: unknown): void => {
    // Assigned, `__proto__` would change what the copy is.
    Object.defineProperty(copy, name, { value: member, enumerable: true, configurable: true, writable: true })
  }
  const names = Object.keys(value)
  if (value instanceof Error)
    names.unshift(...['name', 'message', 'stack', 'cause'].filter((name) => name in value && !names.includes(name)))
  for (const [index, name] of names.entries()) {
    if (walk.members <= 0) {
      put('…', `[${names.length - index} more]`)
      break
    }
    walk.members -= 1
    const shown = walk.redact(name.slice(0, walk.maxText))
    if (isSecretMember(name)) put(shown, '[secret]')
    else put(shown, read(walk, value, name, depth))
  }
  return copy
}

function read(walk: Walk, value: object, name: string, depth: number): unknown {
  try {
    return look(walk, (value as Record<string, unknown>)[name], depth - 1)
  } catch {
    return '[unreadable]'
  }
}

function isSecretMember(name: string): boolean {
  return name.length <= 64 && SECRET_MEMBERS.test(name.toLowerCase().replaceAll(/[-_]/g, ''))
}

function text(walk: Walk, value: string): string {
  const { maxText } = walk
  if (value.length <= maxText) return walk.redact(value)
  return `${walk.redact(value.slice(0, maxText))}… [${value.length - maxText} characters more]`
}
