/**
 * Roles belong to the whole server, so another database of it may have made them already, or an administrator. Whoever migrates
 * becomes a member of each, since the statements that follow are done by `holdfast_owner`.
 */
export const ROLES = `
do $$
declare
  name text;
  -- From 16 on, whoever makes a role is a member without the right to become it.
  membership text := case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
begin
  foreach name in array array['holdfast_owner', 'holdfast_app', 'holdfast_worker', 'holdfast_backup'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole noreplication', name);
      exception when duplicate_object or unique_violation then
        null; -- somebody else made it just now
      end;
    end if;
    if not pg_has_role(current_user, name, membership) then
      execute format('grant %I to %I', name, current_user);
    end if;
  end loop;
end $$;

create schema holdfast authorization holdfast_owner;
create schema app authorization holdfast_owner;

set local role holdfast_owner;
`
