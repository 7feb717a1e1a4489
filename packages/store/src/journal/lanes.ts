/** What is done to a record: its handling, which resolves to its mark. */
type Work = () => Promise<(() => Promise<void>) | undefined>

/** Records that are handled at once, those of one tenant one after the other. A mark that does not reach the disk is the end of all. */
export class Lanes {
  readonly #concurrency: number
  readonly #running = new Set<Promise<void>>()
  readonly #lastOf = new Map<string, Promise<unknown>>()
  #failure: { readonly error: unknown } | undefined

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Waits until one more may begin. @throws what a mark has failed with */
  async room(): Promise<void> {
    while (this.#running.size >= this.#concurrency) await Promise.race(this.#running)
    this.#check()
  }

  add(tenant: string, work: Work): void {
    // The next one need not wait for the mark of the one before.
    const handling = (this.#lastOf.get(tenant) ?? Promise.resolve()).then(() =>
      this.#failure === undefined ? work() : undefined,
    )
    this.#lastOf.set(tenant, handling)
    const whole = this.#finish(handling).finally(() => {
      this.#running.delete(whole)
      if (this.#lastOf.get(tenant) === handling) this.#lastOf.delete(tenant)
    })
    this.#running.add(whole)
  }

  /** @throws what a mark has failed with */
  async empty(): Promise<void> {
    await this.settled()
    this.#check()
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #finish(handling: Promise<(() => Promise<void>) | undefined>): Promise<void> {
    try {
      const mark = await handling
      await mark?.()
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
