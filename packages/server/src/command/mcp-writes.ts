import { resolve } from 'node:path'
import type { WriteMemory } from '@holdfast/connectors/writes'
import { createWriteMemory } from '@holdfast/connectors/writes'
import { HoldfastError } from '@holdfast/core'
import { openStore, openWriteMemory } from '@holdfast/store/database'
import type { Store, StoreOptions, StoredWriteMemory } from '@holdfast/store/database'
import { makeTenant } from '../desks/make-tenant.ts'
import { storeDirectory } from './store-place.ts'
import type { StorePlace } from './store-place.ts'

/** Where `holdfast mcp` remembers what its tools write. */
export interface McpWrites extends WriteMemory {
  close(): Promise<void>
}

const TENANT = 'default'

/**
 * Remembers writes in the store: that of DATABASE_URL, or the embedded one that is there. It is opened when something is written.
 *
 * @param warn is told, once, when writes cannot be remembered in the store that there is.
 */
export function openMcpWrites(
  place: StorePlace,
  account: string | undefined,
  warn: (message: string) => void,
): McpWrites {
  const { databaseUrl: url, migrationUrl } = place.addresses
  if (url !== undefined) return onServer({ url, migrationUrl }, account)
  return embeddedIn(resolve(place.directory, storeDirectory(place)), account, warn)
}

/** The store stays open from the first write on. While it is away nothing is written. */
function onServer(options: StoreOptions, account: string | undefined): McpWrites {
  let opening: Promise<Store> | undefined
  const opened = (): Promise<Store> =>
    (opening ??= openWithTenant(options).catch((error: unknown) => {
      opening = undefined
      throw error
    }))
  const memory = openWriteMemory({
    store: { asWorker: async (...work) => (await opened()).asWorker(...work) },
    tenant: TENANT,
    account,
  })
  return {
    once: memory.once,
    async close() {
      await memory.close()
      const store = await opening?.catch(() => undefined)
      await store?.close()
    },
  }
}

/** The embedded store has one process: it is open only while something is written, so that a server can be started meanwhile. Where one has it, this process remembers. */
function embeddedIn(directory: string, account: string | undefined, warn: (message: string) => void): McpWrites {
  const here = createWriteMemory()
  let isUsedHere = false
  let opened: Promise<{ readonly store: Store; readonly memory: StoredWriteMemory } | undefined> | undefined
  let closing: Promise<void> = Promise.resolve()
  let users = 0

  const open = async (): Promise<Awaited<NonNullable<typeof opened>>> => {
    await closing
    try {
      const store = await openWithTenant({ directory })
      return { store, memory: openWriteMemory({ store, tenant: TENANT, account }) }
    } catch (error) {
      if (!HoldfastError.isInstance(error) || error.code !== 'STORE_LOCKED') throw error
      return undefined
    }
  }
  const close = async (last: typeof opened): Promise<void> => {
    const kept = await last
    await kept?.memory.close()
    await kept?.store.close()
  }
  const leave = async (): Promise<void> => {
    users -= 1
    if (users > 0) return
    const last = opened
    opened = undefined
    // How a write went is not for the closing to say.
    closing = close(last).catch(() => undefined)
    await closing
  }
  return {
    async once(write, make) {
      users += 1
      try {
        opened ??= open()
        const kept = await opened
        if (kept === undefined) {
          if (!isUsedHere) warn(inUse(directory))
          isUsedHere = true
          return await here.once(write, make)
        }
        // What was written while a server had the store is known here alone.
        return await kept.memory.once(write, isUsedHere ? () => here.once(write, make) : make)
      } finally {
        await leave()
      }
    },
    close: () => closing,
  }
}

async function openWithTenant(options: StoreOptions): Promise<Store> {
  const store = await openStore(options)
  try {
    await store.asWorker(TENANT, (transaction) => makeTenant(transaction, TENANT))
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

function inUse(directory: string): string {
  return `the store in ${directory} is open in another process, so what is written is remembered in this process alone, until it ends; with a database server (DATABASE_URL) both remember the same`
}
