import { describe, expect, it } from 'vitest'
import { getEventListeners } from './node-events.ts'

const event = (): Event => new Event('change')

describe('counting listeners without Node', () => {
  it('gives what was added, in order and each once, and not what was removed', () => {
    const target = new EventTarget()
    const first = (): void => undefined
    const second = { handleEvent: (): void => undefined }
    const unknown = (): void => undefined
    target.addEventListener('change', first)
    target.addEventListener('change', second)
    target.addEventListener('change', first)
    target.addEventListener('other', first)
    expect(getEventListeners(target, 'change')).toEqual([first, second])
    target.removeEventListener('change', first)
    target.removeEventListener('change', unknown)
    expect(getEventListeners(target, 'change')).toEqual([second])
    expect(getEventListeners(new EventTarget(), 'change')).toEqual([])
  })

  it('takes a listener for the capture phase for another one', () => {
    const target = new EventTarget()
    const listener = (): void => undefined
    target.addEventListener('change', listener, true)
    target.addEventListener('change', listener, { capture: false })
    target.removeEventListener('change', listener)
    expect(getEventListeners(target, 'change')).toHaveLength(1)
    target.removeEventListener('change', listener, { capture: true })
    expect(getEventListeners(target, 'change')).toHaveLength(0)
  })

  it('forgets what is called once when it has been called, with its event and its target', () => {
    const target = new EventTarget()
    const seen: unknown[] = []
    const asFunction = function (this: unknown, event: Event): void {
      seen.push(this, event.type)
    }
    const asObject = { handleEvent: (event: Event): void => void seen.push(event.type) }
    target.addEventListener('change', asFunction, { once: true })
    target.addEventListener('change', asObject, { once: true })
    target.dispatchEvent(event())
    target.dispatchEvent(event())
    expect(seen).toEqual([target, 'change', 'change'])
    expect(getEventListeners(target, 'change')).toHaveLength(0)
  })

  it('removes what would be called once before it is', () => {
    const target = new EventTarget()
    let calls = 0
    const listener = (): void => void (calls += 1)
    target.addEventListener('change', listener, { once: true })
    target.removeEventListener('change', listener)
    target.dispatchEvent(event())
    expect([calls, getEventListeners(target, 'change').length]).toEqual([0, 0])
  })

  it('forgets what a signal takes away', () => {
    const target = new EventTarget()
    const controller = new AbortController()
    target.addEventListener('change', () => undefined, { signal: controller.signal })
    expect(getEventListeners(target, 'change')).toHaveLength(1)
    controller.abort()
    expect(getEventListeners(target, 'change')).toHaveLength(0)
    target.addEventListener('change', () => undefined, { signal: controller.signal })
    expect(getEventListeners(target, 'change')).toHaveLength(0)
  })

  it('counts on signals as it does elsewhere', () => {
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => undefined, { once: true })
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    controller.abort()
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })
})
