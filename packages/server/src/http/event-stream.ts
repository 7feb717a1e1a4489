import type { ServerResponse } from 'node:http'

/** Server-sent events, written with back-pressure and kept alive with comments. */
export interface EventStream {
  /** Writes one event. Resolves when there is room for the next. @param id by which a reader that was cut off says where it was. */
  send(data: string, event?: string, id?: string): Promise<void>
  /** Ends it. Resolves when the last byte has gone out, or the reader has left. */
  end(): Promise<void>
}

/** Sends the headers and begins. A comment goes out when nothing else has for `keepAliveMs`. */
export function openEventStream(
  response: ServerResponse,
  headers: Readonly<Record<string, number | string | string[] | undefined>>,
  keepAliveMs: number,
): EventStream {
  const set = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  response.writeHead(200, {
    ...Object.fromEntries(set),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain && !response.destroyed) response.write(': keep-alive\n\n')
  }, keepAliveMs)
  keepAlive.unref()
  response.once('close', () => clearInterval(keepAlive))
  let corked = false
  /** A busy machine has many words at once: what comes in one turn of the event loop goes out in one write to the socket. */
  const gather = (): void => {
    if (corked) return
    corked = true
    response.cork()
    setImmediate(release)
  }
  const release = (): void => {
    if (!corked) return
    corked = false
    response.uncork()
  }
  return {
    async send(data, event, id) {
      if (response.destroyed) return
      keepAlive.refresh()
      gather()
      const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`
      if (!response.write(`${head}data: ${data}\n\n`)) {
        // `close` too: a reader that leaves never drains.
        await new Promise<void>((resolve) => {
          const go = (): void => {
            response.off('drain', go).off('close', go)
            resolve()
          }
          response.once('drain', go).once('close', go)
        })
      }
    },
    async end() {
      clearInterval(keepAlive)
      if (response.destroyed) return
      // Node would end it without what has been gathered.
      release()
      const gone = new Promise((resolve) => response.once('finish', resolve).once('close', resolve))
      response.end()
      await gone
    },
  }
}
