import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { STORAGE_DEFAULTS } from '../config/options.ts'
import type { StorageOptions } from '../config/options.ts'
import type { StorageAddresses } from '../environment/storage.ts'

/** Where the store is, as the configuration and the environment say. */
export interface StorePlace {
  /** Of the configuration. */
  readonly directory: string
  readonly storage: StorageOptions | undefined
  readonly addresses: StorageAddresses
}

/** Where the embedded one is, from the directory of the configuration. */
export function storeDirectory({ storage }: Pick<StorePlace, 'storage'>): string {
  return join(storage?.directory ?? STORAGE_DEFAULTS.directory, 'store')
}

/** Whether there is one already, or a server for it. */
export function hasStore(place: StorePlace): boolean {
  return place.addresses.databaseUrl !== undefined || existsSync(resolve(place.directory, storeDirectory(place)))
}
