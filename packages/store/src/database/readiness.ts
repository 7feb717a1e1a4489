import type { Engine } from './engine/engine.ts'
import { untilAborted } from './engine/ending.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { checkVersion, migrate } from './migrations/migrate.ts'
import type { MigrationResult } from './migrations/migrate.ts'
import type { StoreSettings } from './options.ts'

/** Whether the schema is what this version works with. Looked at until it is, by whoever comes first; the others wait for him. */
export class Readiness {
  result: MigrationResult = { applied: [], version: MIGRATIONS.length }
  readonly #engine: Engine
  readonly #settings: StoreSettings
  readonly #maintain: (work: (engine: Engine) => Promise<void>) => Promise<void>
  #isReady: boolean = false
  #under: Promise<void> | undefined

  constructor(
    engine: Engine,
    settings: StoreSettings,
    maintain: (work: (engine: Engine) => Promise<void>) => Promise<void>,
  ) {
    this.#engine = engine
    this.#settings = settings
    this.#maintain = maintain
  }

  /** @throws HoldfastError what stands in the way; the reason of the signal. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#isReady) return
    // It belongs to all who wait, so that no one of them can end it.
    this.#under ??= this.#prepare().finally(() => (this.#under = undefined))
    await untilAborted(this.#under, signal)
  }

  async #prepare(): Promise<void> {
    const signal = AbortSignal.timeout(this.#settings.maintenanceTimeoutMs)
    if (this.#settings.migrate) {
      await this.#maintain(async (engine) => {
        this.result = await migrate(engine, MIGRATIONS, signal)
      })
    } else {
      await checkVersion(this.#engine, MIGRATIONS, signal)
    }
    this.#isReady = true
  }
}
