/** `getEventListeners` of `node:events` for platforms that do not have it: it counts what is added from the time it is loaded. */

type Listener = EventListenerOrEventListenerObject

interface Entry {
  readonly type: string
  readonly listener: Listener
  readonly capture: boolean
  /** What the platform knows it as. */
  readonly known: Listener
}

const entries = new WeakMap<EventTarget, Entry[]>()
const { addEventListener, removeEventListener } = EventTarget.prototype

const isCapture = (options?: boolean | EventListenerOptions): boolean =>
  typeof options === 'boolean' ? options : (options?.capture ?? false)

function find(target: EventTarget, type: string, listener: Listener, capture: boolean): Entry | undefined {
  return entries.get(target)?.find((one) => one.type === type && one.listener === listener && one.capture === capture)
}

function forget(target: EventTarget, entry: Entry | undefined): void {
  const left = entries.get(target)?.filter((one) => one !== entry)
  if (left !== undefined) entries.set(target, left)
}

EventTarget.prototype.addEventListener = function (
  this: EventTarget | undefined,
  type: string,
  listener: Listener | null,
  options?: boolean | AddEventListenerOptions,
): void {
  const target = this ?? globalThis
  const capture = isCapture(options)
  const { once = false, signal } = typeof options === 'object' ? options : {}
  if (listener === null || signal?.aborted === true || find(target, type, listener, capture) !== undefined) {
    addEventListener.call(target, type, listener, options)
    return
  }
  const onlyOnce = function (this: unknown, event: Event): void {
    forget(target, entry)
    if (typeof listener === 'function') listener.call(target, event)
    else listener.handleEvent(event)
  }
  const entry: Entry = { type, listener, capture, known: once ? onlyOnce : listener }
  entries.set(target, [...(entries.get(target) ?? []), entry])
  addEventListener.call(target, type, entry.known, options)
  if (signal !== undefined) addEventListener.call(signal, 'abort', () => forget(target, entry), { once: true })
}

EventTarget.prototype.removeEventListener = function (
  this: EventTarget | undefined,
  type: string,
  listener: Listener | null,
  options?: boolean | EventListenerOptions,
): void {
  const target = this ?? globalThis
  const entry = listener === null ? undefined : find(target, type, listener, isCapture(options))
  removeEventListener.call(target, type, entry?.known ?? listener, options)
  forget(target, entry)
}

/** The listeners of one type that are on `target`, in the order in which they were added. */
export function getEventListeners(target: EventTarget, type: string): Listener[] {
  return (entries.get(target) ?? []).filter((one) => one.type === type).map(({ listener }) => listener)
}
