import type { Transaction } from '@holdfast/store/database'

/** Makes a tenant, unless it is there. */
export async function makeTenant(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .insertInto('tenants')
    .values({ id, name: id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}
