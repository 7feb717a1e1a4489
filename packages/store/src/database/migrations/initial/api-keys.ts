/**
 * Whose a key is, before anybody is known. It answers for one whole hash only, so that what it tells has to be known
 * already; it runs as `holdfast_backup`, because a key may be anybody's and the policies hold for the owner too.
 */
export const API_KEYS = `
grant create on schema app to holdfast_backup;
set local role holdfast_backup;

create function app.find_api_key(hash text)
  returns table (tenant text, id uuid, user_id text, label text, roles text[])
  language sql stable security definer set search_path = pg_catalog, pg_temp as
$$
  select k.tenant, k.id, k.user_id, k.label, k.roles
  from holdfast.api_keys k join holdfast.tenants t on t.id = k.tenant
  where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and t.status = 'active'
$$;
revoke execute on function app.find_api_key(text) from public;
grant execute on function app.find_api_key(text) to holdfast_app;

set local role holdfast_owner;
revoke create on schema app from holdfast_backup;
`
