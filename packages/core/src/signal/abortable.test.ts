import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { abortable } from './abortable.ts'

describe('a promise that its caller may give up', () => {
  it('ends as it is told, and leaves no listener', async () => {
    const { signal } = new AbortController()
    await expect(abortable(signal, (resolve) => resolve('yes'))).resolves.toBe('yes')
    await expect(abortable(signal, (_, reject) => reject('no'))).rejects.toBe('no')
    await expect(abortable(undefined, (resolve) => resolve('yes'))).resolves.toBe('yes')
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('rejects at an abort with its reason, stops what it began, and leaves no listener', async () => {
    const controller = new AbortController()
    let stopped = 0
    const given = abortable(controller.signal, () => () => void (stopped += 1))
    controller.abort('left')
    await expect(given).rejects.toBe('left')
    expect(stopped).toBe(1)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('stops what it begins after an abort, or while it aborts', async () => {
    for (const isBefore of [true, false]) {
      const controller = new AbortController()
      let stopped = 0
      if (isBefore) controller.abort('left')
      const given = abortable(controller.signal, () => {
        controller.abort('left')
        return () => void (stopped += 1)
      })
      await expect(given).rejects.toBe('left')
      expect(stopped).toBe(1)
    }
  })
})
