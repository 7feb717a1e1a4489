import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { openStore } from '@holdfast/store/database'
import type { StoreOptions } from '@holdfast/store/database'
import { CommandError } from './admin-client.ts'
import type { Output } from './output.ts'
import { storeDirectory } from './store-place.ts'
import type { StorePlace } from './store-place.ts'

/** `holdfast backup FILE`. What is there is read, and nothing else: no store is made, and its schema stays as it is. */
export async function runBackup(at: StorePlace, file: string, output: Output): Promise<number> {
  const place = placeOf(at)
  if (place.directory !== undefined && !existsSync(place.directory))
    throw new CommandError(`There is no store in ${storeDirectory(at)}, and DATABASE_URL is not set.`)
  const store = await openStore({ ...place, migrate: false })
  try {
    const { rows } = await store.backup(resolve(at.directory, file))
    output.out(`${file}: ${countOf(rows)} of the store ${nameOf(at)}.\n`)
    return 0
  } finally {
    await store.close()
  }
}

/** `holdfast restore FILE`. */
export async function runRestore(at: StorePlace, file: string, output: Output): Promise<number> {
  const place = placeOf(at)
  // Before a store is made for it.
  if (!existsSync(resolve(at.directory, file))) throw new CommandError(`There is no file ${file}.`)
  const store = await openStore(place)
  try {
    const { rows } = await store.restore(resolve(at.directory, file))
    output.out(`${countOf(rows)} of ${file} are in the store ${nameOf(at)}.\n`)
    return 0
  } finally {
    await store.close()
  }
}

/** As the user who may see all of it. */
function placeOf(at: StorePlace): StoreOptions {
  const url = at.addresses.migrationUrl ?? at.addresses.databaseUrl
  return url === undefined ? { directory: resolve(at.directory, storeDirectory(at)) } : { url }
}

/** Without what an address may tell of its user. */
function nameOf(at: StorePlace): string {
  const { url } = placeOf(at)
  return url === undefined ? `in ${storeDirectory(at)}` : `at ${new URL(url).host}`
}

function countOf(rows: Readonly<Record<string, number>>): string {
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return `${total.toLocaleString('en-US')} rows`
}
