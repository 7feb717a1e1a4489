/** One step of the schema. Once it is released it is never changed: a later one changes what it made. */
export interface Migration {
  /** 1, 2, 3 … */
  readonly id: number
  readonly name: string
  readonly sql: string
}

/** What a role may do with the rows of its tenant. */
export type Right = 'select' | 'insert' | 'update' | 'delete'

/** How a table is guarded. */
export interface TableGuard {
  readonly app: readonly Right[]
  readonly worker: readonly Right[]
  /** For the app, beside its tenant. Default: every row of the tenant. */
  readonly appSees?: string
  /** The column that says whose a row is. Default: `tenant`. */
  readonly owner?: string
}

/**
 * Statements that guard a table: no row of it is seen or changed without a tenant's claims, by its owner neither. A policy for each right, so that a role has those and no others.
 */
export function guard(table: string, { app, worker, appSees, owner = 'tenant' }: TableGuard): string {
  // In a subquery the function is called once a statement, and not once a row.
  const mine = `${owner} = (select holdfast.current_tenant())`
  const statements = [
    `alter table holdfast.${table} enable row level security`,
    `alter table holdfast.${table} force row level security`,
    `create policy backup_all on holdfast.${table} to holdfast_backup using (true) with check (true)`,
    `grant select, insert on holdfast.${table} to holdfast_backup`,
  ]
  for (const [role, rights, condition] of [
    ['holdfast_app', app, appSees === undefined ? mine : `${mine} and (${appSees})`],
    ['holdfast_worker', worker, mine],
  ] as const) {
    if (rights.length > 0) statements.push(`grant ${rights.join(', ')} on holdfast.${table} to ${role}`)
    for (const right of rights) {
      const using = right === 'insert' ? '' : ` using (${condition})`
      const check = right === 'insert' || right === 'update' ? ` with check (${condition})` : ''
      statements.push(`create policy ${role}_${right} on holdfast.${table} for ${right} to ${role}${using}${check}`)
    }
  }
  return `${statements.join(';\n')};\n`
}
