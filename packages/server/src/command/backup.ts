import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { openStore, restoreStore, type StoreOptions } from '@holdfast/store/database'
import type { Values } from '../environment/variables.ts'
import { CommandError } from './admin-client.ts'
import type { Output } from './output.ts'

/** Where the store is that is inside the process, from the directory of the configuration. */
const STORE_DIRECTORY = '.data/store'

/** `holdfast backup FILE`. What is there is read, and nothing else: no store is made, and no migration taken. */
export async function runBackup(values: Values, directory: string, file: string, output: Output): Promise<number> {
  const place = placeOf(values, directory)
  if (place.directory !== undefined && !existsSync(place.directory))
    throw new CommandError(`There is no store in ${STORE_DIRECTORY}, and DATABASE_URL is not set.`)
  const store = await openStore({ ...place, migrate: false })
  try {
    const { rows, bytes } = await store.backup(resolve(directory, file))
    output.out(`${file}: ${rows} rows, ${bytes} bytes, of the store in ${store.status().where}\n`)
    return 0
  } finally {
    await store.close()
  }
}

/** `holdfast restore FILE`. */
export async function runRestore(values: Values, directory: string, file: string, output: Output): Promise<number> {
  const { rows, at } = await restoreStore(placeOf(values, directory), resolve(directory, file))
  output.out(`${rows} rows of ${at} are restored.\n`)
  return 0
}

/** As the login that sees all of it. */
function placeOf(values: Values, directory: string): StoreOptions {
  const url = values['MIGRATION_DATABASE_URL'] ?? values['DATABASE_URL']
  return url === undefined || url === '' ? { directory: resolve(directory, STORE_DIRECTORY) } : { url }
}
