/** What an assistant works on: who wants something, what is asked of whom, what it costs, what is offered. */
export const BUSINESS = `
create table holdfast.clients (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  company text check (length(company) between 1 and 200),
  email text check (length(email) between 3 and 320),
  phone text check (length(phone) between 3 and 64),
  preferences jsonb not null default '{}',
  external_id text check (length(external_id) between 1 and 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  unique (tenant, external_id)
);
create index clients_name on holdfast.clients (tenant, lower(name));

create table holdfast.leads (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  client_id uuid,
  conversation_id uuid,
  source text not null check (length(source) between 1 and 64),
  status text not null default 'new' check (status in ('new', 'contacted', 'qualified', 'won', 'lost')),
  name text check (length(name) between 1 and 200),
  email text check (length(email) between 3 and 320),
  phone text check (length(phone) between 3 and 64),
  score integer check (score between 0 and 100),
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  foreign key (tenant, client_id) references holdfast.clients (tenant, id),
  foreign key (tenant, conversation_id) references holdfast.conversations (tenant, id) on delete set null (conversation_id)
);
create index leads_status on holdfast.leads (tenant, status, created_at desc);
create index leads_client on holdfast.leads (tenant, client_id);
create index leads_conversation on holdfast.leads (tenant, conversation_id);

create table holdfast.requests (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  user_id text,
  client_id uuid,
  conversation_id uuid,
  kind text not null check (length(kind) between 1 and 64),
  status text not null default 'new'
    check (status in ('new', 'searching', 'quoted', 'proposed', 'accepted', 'completed', 'cancelled', 'failed')),
  summary text check (length(summary) between 1 and 2000),
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  foreign key (tenant, user_id) references holdfast.users (tenant, id),
  foreign key (tenant, client_id) references holdfast.clients (tenant, id),
  foreign key (tenant, conversation_id) references holdfast.conversations (tenant, id) on delete set null (conversation_id)
);
create index requests_status on holdfast.requests (tenant, status, created_at desc);
create index requests_user on holdfast.requests (tenant, user_id, created_at desc);
create index requests_client on holdfast.requests (tenant, client_id);
create index requests_conversation on holdfast.requests (tenant, conversation_id);

create table holdfast.rfps (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  request_id uuid not null,
  operator text not null check (length(operator) between 1 and 200),
  status text not null default 'draft' check (status in ('draft', 'sent', 'answered', 'declined', 'expired', 'cancelled')),
  external_id text check (length(external_id) between 1 and 200),
  details jsonb not null default '{}',
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  unique (tenant, external_id),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id)
);
create index rfps_request on holdfast.rfps (tenant, request_id);

create table holdfast.quotes (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  request_id uuid not null,
  rfp_id uuid,
  operator text not null check (length(operator) between 1 and 200),
  status text not null default 'received' check (status in ('received', 'accepted', 'rejected', 'expired')),
  amount_minor bigint not null check (amount_minor >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  external_id text check (length(external_id) between 1 and 200),
  valid_until timestamptz,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  unique (tenant, external_id),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id),
  foreign key (tenant, rfp_id) references holdfast.rfps (tenant, id)
);
create index quotes_request on holdfast.quotes (tenant, request_id);
create index quotes_rfp on holdfast.quotes (tenant, rfp_id);

create table holdfast.proposals (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  request_id uuid not null,
  quote_id uuid,
  client_id uuid,
  status text not null default 'draft' check (status in ('draft', 'sent', 'accepted', 'declined', 'expired')),
  subject text check (length(subject) between 1 and 500),
  body text not null,
  details jsonb not null default '{}',
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id),
  foreign key (tenant, request_id) references holdfast.requests (tenant, id),
  foreign key (tenant, quote_id) references holdfast.quotes (tenant, id),
  foreign key (tenant, client_id) references holdfast.clients (tenant, id)
);
create index proposals_request on holdfast.proposals (tenant, request_id);
create index proposals_quote on holdfast.proposals (tenant, quote_id);
create index proposals_client on holdfast.proposals (tenant, client_id);
`
