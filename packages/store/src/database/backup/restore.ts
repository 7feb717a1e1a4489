import { sql } from 'kysely'
import { backupDamaged, migrationChanged, newer, notEmpty } from '../errors.ts'
import type { Migration } from '../migrations/migrations.ts'
import type { StoreTransaction } from '../store.ts'
import { columnsOf } from './backup.ts'
import { BACKED_UP, type End, type Header, isEnd, isHeader, isTable, readBackup, type RowLine } from './format.ts'

const ROWS_AT_ONCE = 500
/** In characters; a statement has to fit into memory. */
const TEXT_AT_ONCE = 4_000_000

/** Reads all of a backup, and checks that it is whole and can be understood. @throws HoldfastError */
export async function checkBackup(file: string, migrations: readonly Migration[]): Promise<Header> {
  let header: Header | undefined
  for await (const line of readBackup(file)) {
    if (header !== undefined) continue
    if (!isHeader(line) || line.version !== 1 || !Array.isArray(line.migrations))
      throw backupDamaged(file, 'it does not begin as one of this version')
    header = line
  }
  if (header === undefined) throw backupDamaged(file, 'it is empty')
  header.migrations.forEach(({ id, checksum }, index) => {
    if (migrations[index]?.id !== id) throw newer(id)
    if (migrations[index].checksum !== checksum) throw migrationChanged(id)
  })
  return header
}

/**
 * Writes every row of a backup into an empty store, in one transaction.
 * @param transaction as `holdfast_backup`
 * @returns how many rows
 */
export async function restoreRows(transaction: StoreTransaction, file: string): Promise<number> {
  for (const table of BACKED_UP) {
    const found = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction)
    if (found.rows.length > 0) throw notEmpty(table)
  }
  const counts: Record<string, number> = {}
  let writer: TableWriter | undefined
  let end: End | undefined
  for await (const line of readBackup(file)) {
    if (isHeader(line)) continue
    if (isEnd(line)) {
      end = line
    } else if (isTable(line)) {
      await writer?.flush()
      writer = await TableWriter.of(transaction, file, line.table, line.columns, counts)
    } else {
      if (writer === undefined) throw backupDamaged(file, 'a row belongs to no table')
      await writer.write(line)
    }
  }
  await writer?.flush()
  for (const [table, count] of Object.entries(end?.rows ?? {})) {
    if (counts[table] !== count) throw backupDamaged(file, `of ${count} rows in ${table}, ${counts[table] ?? 0} came`)
  }
  await sql`select setval('holdfast.events_id_seq', (select coalesce(max(id), 0) + 1 from events), false)`.execute(
    transaction,
  )
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

class TableWriter {
  readonly #transaction: StoreTransaction
  readonly #table: string
  readonly #columns: readonly { readonly name: string; readonly type: string }[]
  readonly #counts: Record<string, number>
  #rows: RowLine[] = []
  #characters = 0

  private constructor(
    transaction: StoreTransaction,
    table: string,
    columns: readonly { readonly name: string; readonly type: string }[],
    counts: Record<string, number>,
  ) {
    this.#transaction = transaction
    this.#table = table
    this.#columns = columns
    this.#counts = counts
    counts[table] ??= 0
  }

  static async of(
    transaction: StoreTransaction,
    file: string,
    table: string,
    columns: readonly string[],
    counts: Record<string, number>,
  ): Promise<TableWriter> {
    if (!BACKED_UP.some((one) => one === table)) throw backupDamaged(file, 'it has a table that is not known')
    const known = await columnsOf(transaction, table)
    const typed = columns.map((name) => known.find((column) => column.name === name))
    if (typed.some((column) => column === undefined))
      throw backupDamaged(file, `${table} has a column that is not known`)
    return new TableWriter(
      transaction,
      table,
      typed.filter((column) => column !== undefined),
      counts,
    )
  }

  async write(row: RowLine): Promise<void> {
    this.#rows.push(row)
    for (const value of row) this.#characters += value?.length ?? 0
    if (this.#rows.length >= ROWS_AT_ONCE || this.#characters >= TEXT_AT_ONCE) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const names = sql.join(this.#columns.map(({ name }) => sql.ref(name)))
    // A type is PostgreSQL's own name of it, from its catalogue.
    const values = sql.join(this.#columns.map(({ type }, index) => sql`(row ->> ${sql.lit(index)})::${sql.raw(type)}`))
    const result = await sql`
      insert into ${sql.table(this.#table)} (${names}) overriding system value
      select ${values} from jsonb_array_elements(${JSON.stringify(this.#rows)}::jsonb) row`.execute(this.#transaction)
    this.#counts[this.#table] = (this.#counts[this.#table] ?? 0) + Number(result.numAffectedRows ?? 0n)
    this.#rows = []
    this.#characters = 0
  }
}
