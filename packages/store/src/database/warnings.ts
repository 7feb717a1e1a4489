import type { Engine } from './engine/engine.ts'

/** What of the way in is less safe than it could be. */
export async function warningsOf(engine: Engine, signal: AbortSignal): Promise<readonly string[]> {
  if (engine.kind === 'pglite') return []
  const { rows } = await engine.transaction({
    opening: 'select 1',
    work: (session) =>
      session.query(`
        select rolsuper or rolbypassrls as is_above,
          exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where n.nspname = 'holdfast' and c.relowner = r.oid) as is_owner,
          has_function_privilege('holdfast_app', 'pg_catalog.set_config(text, text, boolean)', 'execute') as can_set,
          has_function_privilege('holdfast_app', 'pg_catalog.pg_relation_size(regclass, text)', 'execute')
            or has_column_privilege('holdfast_app', 'pg_catalog.pg_class', 'reltuples', 'select') as can_count
        from pg_roles r where rolname = session_user`),
    signal,
  })
  const [login] = rows
  const warnings: string[] = []
  if (login?.['is_above'] === true) {
    warnings.push(
      'The user of the database is above row-level security: a statement that gets past the roles sees every tenant',
    )
  } else if (login?.['is_owner'] === true) {
    warnings.push(
      'The user of the database owns its tables, and can change their policies: give migrations a user of their own (migrationUrl)',
    )
  }
  if (login?.['can_set'] === true) {
    warnings.push(
      'SQL that is slipped into a statement can take on the claims of another tenant by set_config: let a superuser run the statements of the reference, or at least `revoke execute on function pg_catalog.set_config(text, text, boolean) from public`',
    )
  }
  if (login?.['can_count'] === true) {
    warnings.push(
      'SQL that is slipped into a statement can read in the statistics of the database how many rows all tenants have together: let a superuser run the statements of the reference',
    )
  }
  return warnings
}
