import { guard } from './migration.ts'
import type { Migration } from './migration.ts'

/**
 * What each server has used of each account of the budgets, by parts of the period: whoever adds up those of the others knows how much of a limit they have left. Each writes its own rows only, so nobody waits for anybody.
 */
export const budgetSpendingMigration: Migration = {
  id: 15,
  name: 'budget-spending',
  sql: `
create table holdfast.budget_spending (
  tenant text not null default holdfast.current_tenant() references holdfast.tenants (id),
  account text not null,
  starts_at timestamptz not null,
  server uuid not null,
  cost double precision not null,
  tokens double precision not null,
  requests double precision not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (account, starts_at, server, tenant)
);
create index on holdfast.budget_spending (tenant, changed_at);
create index on holdfast.budget_spending (tenant, expires_at);
${guard('budget_spending', { app: [], worker: ['select', 'insert', 'update', 'delete'] })}`,
}
