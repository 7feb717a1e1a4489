import type { Migration } from './migration.ts'

/** A key is found with when it expires, for who remembers it. Nothing else of the function is changed: what was there before asks it as ever. */
export const keyExpiryMigration: Migration = {
  id: 17,
  name: 'key-expiry',
  sql: `
drop function holdfast.find_api_key(bytea);
create function holdfast.find_api_key(wanted bytea)
  returns table (tenant text, id uuid, label text, roles jsonb, expires_at timestamptz)
  language sql stable security definer set search_path = holdfast, pg_temp as
  $$ select k.tenant, k.id, k.label, k.roles, k.expires_at from holdfast.api_keys k
     where k.hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) $$;
revoke all on function holdfast.find_api_key(bytea) from public;
grant execute on function holdfast.find_api_key(bytea) to holdfast_app;
grant create on schema holdfast to holdfast_keys;
alter function holdfast.find_api_key(bytea) owner to holdfast_keys;
revoke create on schema holdfast from holdfast_keys;
`,
}
