/** Who asks, as the transaction says it. A GUC that was local to an earlier transaction is '' afterwards, not null. */
export const CLAIMS = `
create function app.claims() returns jsonb language sql stable parallel safe as
$$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;

create function app.tenant() returns text language sql stable parallel safe as
$$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant' $$;

create function app.user_id() returns text language sql stable parallel safe as
$$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'user' $$;

create function app.has_role(role text) returns boolean language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'roles' ? role, false) $$;

revoke execute on all functions in schema app from public;
grant usage on schema app, holdfast to holdfast_app, holdfast_worker, holdfast_backup;
grant execute on all functions in schema app to holdfast_app, holdfast_worker;

create table holdfast.migrations (
  id text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
);
`
