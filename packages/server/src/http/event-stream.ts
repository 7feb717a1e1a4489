import type { ServerResponse } from 'node:http'

/** How often something is sent, and how long somebody may not read it, in ms. */
export interface EventStreamTimes {
  /** A comment goes out when nothing else has for so long. */
  readonly keepAliveCommentMs: number
  /** The connection of a reader who has not taken what waits for him for so long is closed. */
  readonly stalledReaderMs: number
}

/** Server-sent events, written with back-pressure and kept alive with comments. What waits for a reader is one event and what sockets hold. */
export interface EventStream {
  /** Writes one event. Resolves when there is room for the next, or the reader is gone. @param id by which a reader that was cut off says where it was. */
  send(data: string, event?: string, id?: string): Promise<void>
  /** Ends it. Resolves when the last byte has gone out, or the reader has left. */
  end(): Promise<void>
}

/** Sends the headers and begins. */
export function openEventStream(
  response: ServerResponse,
  headers: Readonly<Record<string, number | string | string[] | undefined>>,
  { keepAliveCommentMs, stalledReaderMs }: EventStreamTimes,
): EventStream {
  const set = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  response.writeHead(200, {
    ...Object.fromEntries(set),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  let stalled: NodeJS.Timeout | undefined
  const read = (): void => {
    clearTimeout(stalled)
    stalled = undefined
  }
  /** Whoever does not read comes back by himself, if he is still there; until then he holds what is kept for him. */
  const waitForReader = (): void => {
    stalled ??= setTimeout(() => response.destroy(), stalledReaderMs).unref()
  }
  const write = (text: string): boolean => {
    const hasRoom = response.write(text)
    if (!hasRoom) waitForReader()
    return hasRoom
  }
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain && !response.destroyed) write(': keep-alive\n\n')
  }, keepAliveCommentMs)
  keepAlive.unref()
  response.on('drain', read).once('finish', read)
  response.once('close', () => {
    clearInterval(keepAlive)
    read()
  })
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
      if (!write(`${head}data: ${data}\n\n`)) {
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
      waitForReader()
      await gone
    },
  }
}
