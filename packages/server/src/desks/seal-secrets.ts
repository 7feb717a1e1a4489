import type { Webhooks } from '@holdfast/agents/webhooks'
import type { Log } from '../http/context.ts'

/** Encrypts the secrets of webhooks with the key that is given now, and says which cannot be. */
export async function sealSecrets(
  webhooks: Pick<Webhooks, 'sealSecrets'>,
  tenants: readonly string[],
  log: Log,
): Promise<void> {
  const all = { sealed: 0, unreadable: 0, plain: 0 }
  for (const tenant of tenants) {
    const { sealed, unreadable, plain } = await webhooks.sealSecrets(tenant)
    all.sealed += sealed
    all.unreadable += unreadable
    all.plain += plain
  }
  const { sealed, unreadable, plain } = all
  if (sealed > 0)
    log.info({ sealed }, 'secrets of webhooks were encrypted with the first key of HOLDFAST_ENCRYPTION_KEY')
  if (plain > 0) log.warn({ plain }, 'secrets of webhooks are in the store as they are: set HOLDFAST_ENCRYPTION_KEY')
  if (unreadable > 0)
    log.error(
      { unreadable },
      'secrets of webhooks cannot be read, and nothing is sent where they sign: their key is not in HOLDFAST_ENCRYPTION_KEY',
    )
}
