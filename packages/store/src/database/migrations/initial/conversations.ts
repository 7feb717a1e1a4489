/** What was said, and where each answer came from. */
export const CONVERSATIONS = `
create table holdfast.conversations (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  user_id text,
  assistant text not null check (length(assistant) between 1 and 64),
  channel text not null default 'api' check (length(channel) between 1 and 64),
  session_id text check (length(session_id) between 1 and 200),
  title text check (length(title) between 1 and 500),
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  unique (tenant, assistant, session_id),
  foreign key (tenant, user_id) references holdfast.users (tenant, id)
);
create index conversations_user on holdfast.conversations (tenant, user_id, updated_at desc);

create table holdfast.messages (
  tenant text not null default app.tenant(),
  conversation_id uuid not null,
  sequence integer not null check (sequence >= 0),
  role text not null check (role in ('system', 'user', 'assistant', 'tool')),
  content text not null,
  parts jsonb,
  request_id text check (length(request_id) between 1 and 200),
  tier text check (length(tier) between 1 and 64),
  served_by text check (length(served_by) between 1 and 200),
  attempts integer check (attempts >= 0),
  age_ms bigint check (age_ms >= 0),
  provenance jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant, conversation_id, sequence),
  foreign key (tenant, conversation_id) references holdfast.conversations (tenant, id) on delete cascade
);
create index messages_request on holdfast.messages (tenant, request_id);
`
