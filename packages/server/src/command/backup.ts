import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { openStore } from '@holdfast/store/database'
import type { StoreOptions } from '@holdfast/store/database'
import type { Values } from '../environment/variables.ts'
import { CommandError } from './admin-client.ts'
import type { Output } from './output.ts'

/** Where the embedded store is, from the directory of the configuration. */
const STORE_DIRECTORY = '.data/store'

/** `holdfast backup FILE`. What is there is read, and nothing else: no store is made, and its schema stays as it is. */
export async function runBackup(values: Values, directory: string, file: string, output: Output): Promise<number> {
  const place = placeOf(values, directory)
  if (place.directory !== undefined && !existsSync(place.directory))
    throw new CommandError(`There is no store in ${STORE_DIRECTORY}, and DATABASE_URL is not set.`)
  const store = await openStore({ ...place, migrate: false })
  try {
    const { rows } = await store.backup(resolve(directory, file))
    output.out(`${file}: ${countOf(rows)} of the store ${nameOf(place)}.\n`)
    return 0
  } finally {
    await store.close()
  }
}

/** `holdfast restore FILE`. */
export async function runRestore(values: Values, directory: string, file: string, output: Output): Promise<number> {
  const place = placeOf(values, directory)
  // Before a store is made for it.
  if (!existsSync(resolve(directory, file))) throw new CommandError(`There is no file ${file}.`)
  const store = await openStore(place)
  try {
    const { rows } = await store.restore(resolve(directory, file))
    output.out(`${countOf(rows)} of ${file} are in the store ${nameOf(place)}.\n`)
    return 0
  } finally {
    await store.close()
  }
}

/** As the user who may see all of it. */
function placeOf(values: Values, directory: string): StoreOptions {
  const url = values['MIGRATION_DATABASE_URL']?.trim() || values['DATABASE_URL']?.trim()
  return url === undefined || url === '' ? { directory: resolve(directory, STORE_DIRECTORY) } : { url }
}

/** Without what an address may tell of its user. */
function nameOf({ url }: StoreOptions): string {
  return url === undefined ? `in ${STORE_DIRECTORY}` : `at ${new URL(url).host}`
}

function countOf(rows: Readonly<Record<string, number>>): string {
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return `${total.toLocaleString('en-US')} rows`
}
