/**
 * Takes from everybody but superusers and `pg_monitor` what says how many rows of others there are: the sizes of relations, the estimates of the planner, the counters of the statistics. (`pg_stats` by itself shows nothing of tables with
 * row-level security.) And from everybody `set_config`, which can set the claims inside any statement. Whoever runs it is a superuser; it may be run again.
 */
export const CLOSE_CATALOGUE: string = `revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
do $$
declare
  telling regprocedure;
  others text;
begin
  for telling in
    select p.oid from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and has_function_privilege('public', p.oid, 'execute')
      and (p.proname ~ '^pg_(stat_get|relation_size|total_relation_size|table_size|indexes_size|database_size|tablespace_size)')
  loop
    execute format('revoke execute on function %s from public; grant execute on function %1$s to pg_monitor', telling);
  end loop;
  if has_table_privilege('public', 'pg_class', 'select') then
    select string_agg(quote_ident(attname), ', ') into others from pg_attribute
    where attrelid = 'pg_class'::regclass and attnum > 0 and attname not in ('reltuples', 'relpages', 'relallvisible', 'relallfrozen');
    execute format('revoke select on pg_class from public; grant select on pg_class to pg_monitor; grant select (%s) on pg_class to public', others);
  end if;
end $$;`
