import { request } from 'node:http'

/** What came back over a real socket, or how the connection failed. */
export interface Result {
  readonly status?: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** What arrived of the body, whole or not. */
  readonly body: string
  /** Code of the error, such as `ECONNREFUSED`, when the connection failed. */
  readonly error?: string
  readonly ms: number
}

/** Makes a request on a connection of its own; never rejects. A body that is no text is sent as JSON. After `giveUpMs` it hangs up, with the error `GAVE_UP`. */
export function call(
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly giveUpMs?: number
  } = {},
): Promise<Result> {
  const started = performance.now()
  return new Promise((resolve) => {
    let status: number | undefined
    let headers: Result['headers'] = {}
    const chunks: Buffer[] = []
    const end = (error?: string): void => {
      clearTimeout(timer)
      resolve({
        ...(status === undefined ? {} : { status }),
        headers,
        body: Buffer.concat(chunks).toString(),
        ...(error === undefined ? {} : { error }),
        ms: performance.now() - started,
      })
    }
    const sent = request(
      url,
      { method: options.method ?? 'GET', headers: { ...options.headers }, agent: false },
      (response) => {
        status = response.statusCode
        headers = response.headers
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => end())
        response.on('error', (error: NodeJS.ErrnoException) => end(timedOut ? 'GAVE_UP' : (error.code ?? 'ERROR')))
      },
    )
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      sent.destroy()
    }, options.giveUpMs ?? 5_000)
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (status === undefined) end(timedOut ? 'GAVE_UP' : (error.code ?? 'ERROR'))
    })
    const { body } = options
    sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  })
}

/** Waits until something is so, looking again after every turn of the event loop. @throws after two seconds. */
export async function until(so: () => boolean): Promise<void> {
  const latest = performance.now() + 2_000
  while (!so()) {
    if (performance.now() > latest) throw new Error('it has not become so within two seconds')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
