import { exchanges } from './exchange.ts'

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/**
 * A reply whose body ends with an error once it is too long: the whole of it, or, where it is a stream of events, one event. The error is noted at the
 * exchange, since what reads the stream says only that it ended.
 */
export function withBoundedBody(response: Response, maxBytes: number, tooLarge: () => Error): Response {
  const { body, status, statusText, headers } = response
  if (body === null) return response
  const fits = headers.get('content-type')?.startsWith('text/event-stream') === true ? eventsFit : wholeFits
  const isWithin = fits(maxBytes)
  const exchange = exchanges.getStore()
  const bounded = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (isWithin(chunk)) {
          controller.enqueue(chunk)
          return
        }
        const error = tooLarge()
        if (exchange !== undefined) exchange.failure = error
        controller.error(error)
      },
    }),
  )
  return new Response(bounded, { status, statusText, headers })
}

function wholeFits(maxBytes: number): (chunk: Uint8Array) => boolean {
  let length = 0
  return (chunk) => (length += chunk.length) <= maxBytes
}

/** An empty line ends an event. */
function eventsFit(maxBytes: number): (chunk: Uint8Array) => boolean {
  let length = 0
  let isLineEmpty = false
  return (chunk) => {
    for (const byte of chunk) {
      if (++length > maxBytes) return false
      if (byte === NEWLINE) {
        if (isLineEmpty) length = 0
        isLineEmpty = true
      } else if (byte !== CARRIAGE_RETURN) isLineEmpty = false
    }
    return true
  }
}
