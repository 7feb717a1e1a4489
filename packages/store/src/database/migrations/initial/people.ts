/** Tenants, who belongs to them, and the keys they come with. */
export const PEOPLE = `
create table holdfast.tenants (
  id text primary key check (length(id) between 1 and 200),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table holdfast.users (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id text not null check (length(id) between 1 and 200),
  email text check (length(email) between 3 and 320),
  name text check (length(name) between 1 and 200),
  roles text[] not null default '{}' check (cardinality(roles) <= 32),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant, id)
);
create unique index users_email on holdfast.users (tenant, lower(email));

create table holdfast.api_keys (
  tenant text not null default app.tenant() references holdfast.tenants (id),
  id uuid not null default gen_random_uuid(),
  user_id text,
  label text not null check (length(label) between 1 and 200),
  prefix text not null check (length(prefix) between 1 and 16),
  key_hash text not null check (key_hash ~ '^[0-9a-f]{64}$'),
  roles text[] not null default '{}' check (cardinality(roles) <= 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant, id),
  unique (tenant, key_hash),
  foreign key (tenant, user_id) references holdfast.users (tenant, id)
);
create index api_keys_hash on holdfast.api_keys (key_hash);
create index api_keys_user on holdfast.api_keys (tenant, user_id);
`
