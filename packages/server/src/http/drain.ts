import type { IncomingMessage } from 'node:http'
import type { Clock } from '@holdfast/core'

/** How much of a refused body is read, in bytes, and for how long, in ms. */
export const DRAIN_LIMITS: Readonly<{ bytes: number; durationMs: number }> = Object.freeze({
  bytes: 33_554_432,
  durationMs: 2_000,
})

/**
 * Reads what a client is still sending, and throws it away: when a connection is closed under a client that sends, it meets a
 * broken pipe and never reads why. Resolves when all has come, the client has left, or a limit of {@link DRAIN_LIMITS} is reached.
 */
export function drain(request: IncomingMessage, clock: Pick<Clock, 'schedule'>): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let left = DRAIN_LIMITS.bytes
    const count = (chunk: Uint8Array): void => {
      left -= chunk.byteLength
      if (left < 0) stop()
    }
    const limit = clock.schedule(DRAIN_LIMITS.durationMs, () => stop())
    const stop = (): void => {
      limit.cancel()
      request.off('data', count).off('end', stop).off('close', stop)
      resolve()
    }
    request.on('data', count).once('end', stop).once('close', stop)
    // What breaks off while it is thrown away is nobody's loss.
    request.once('error', () => undefined)
    request.resume()
  })
}
