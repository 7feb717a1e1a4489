import { systemClock } from '@holdfast/core'

/** How much of a failed reply's body is read. */
const FAILED_REPLY_BYTES = 65_536

/** How long a failed reply's body is waited for, in ms: its status must not wait for a body that never ends. */
const FAILED_REPLY_MS = 1_000

/**
 * The beginning of a failed reply's body: what comes of it within a second, at most 64 KiB or a chunk more. The rest is given up. Never
 * rejects: the status is what matters, and a body that breaks off takes nothing from it.
 */
export async function firstText(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader()
  const giveUp = (): void => void reader.cancel().catch(() => undefined)
  const limit = systemClock.schedule(FAILED_REPLY_MS, giveUp)
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    while (bytes < FAILED_REPLY_BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
      bytes += value.byteLength
    }
  } catch {
    // What has come is all there is.
  }
  limit.cancel()
  giveUp()
  return text
}
