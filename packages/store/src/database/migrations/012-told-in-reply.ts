import type { Migration } from './migration.ts'

/**
 * A transaction whose process tells of its events itself (`holdfast.signs`) hears of them in the reply to its own statement, as a message of the level INFO, which every client gets and, unless told otherwise, no log. Whoever
 * appends to the outbox in whatever way is heard so, and the commit takes no lock for the whole database, as one with a notification does.
 */
export const toldInReplyMigration: Migration = {
  id: 12,
  name: 'told-in-reply',
  sql: `
create or replace function holdfast.tell_event() returns trigger language plpgsql as $$
begin
  if current_setting('holdfast.signs', true) = 'reply' then
    raise info using message = json_build_array(new.tenant, new.topic)::text, errcode = 'HFEVT';
  else
    perform pg_notify('holdfast_events', json_build_array(new.tenant, new.topic)::text);
  end if;
  return null;
end $$;
`,
}
