import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const REOPEN_TRIES = 50
const REOPEN_PAUSE_MS = 20

/** A server's port that can be closed and opened again, always the same one. */
export class ReachablePort {
  readonly #server: Server
  readonly #host: string
  #port: number
  #isOpen = false
  #opened = false
  #change: Promise<void> = Promise.resolve()

  /** Port 0 takes any free port at the first opening and keeps it. */
  constructor(server: Server, host: string, port: number) {
    this.#server = server
    this.#host = host
    this.#port = port
  }

  /** `http://host:port`. */
  get origin(): string {
    return `http://${this.#host}:${this.#port}`
  }

  /**
   * Opens the port, or closes it and destroys every connection. Calls take effect one after another.
   * @throws what `listen` says, such as `EADDRINUSE`.
   */
  set(open: boolean): Promise<void> {
    const change = this.#change.then(() => (open ? this.#open() : this.#close()))
    this.#change = change.catch(() => undefined)
    return change
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return
    // While it was closed, somebody's outgoing connection may have been given the port for a moment.
    for (let tries = this.#opened ? REOPEN_TRIES : 1; !this.#isOpen; tries -= 1) {
      try {
        await this.#listen()
        this.#isOpen = true
      } catch (error) {
        if (tries <= 1 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
        await delay(REOPEN_PAUSE_MS)
      }
    }
    this.#opened = true
    this.#port = (this.#server.address() as AddressInfo).port
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port: this.#port, host: this.#host, backlog: 1_024 }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}
