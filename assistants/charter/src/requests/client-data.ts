import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import { json } from '@holdfast/store/database'
import * as z from 'zod'
import type { ReconciledClient } from './reconciled-client.ts'
import type { CharterTools } from './tools.ts'

/** What is known of a client. */
export interface ClientProfile {
  readonly name?: string | undefined
  readonly phone?: string | undefined
  /** Anything else: preferences, notes. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** A client, as the other agents get him. */
export interface KnownClient {
  readonly id: string
  readonly email: string
  readonly name: string
  /** Where most of it is from. `sync`: several sources, brought together; `request`: he is new, and only what he wrote is known. */
  readonly source: 'sync' | 'sheet' | 'store' | 'request'
  /** Of one who was brought together, the source of each field. */
  readonly provenance?: Readonly<Record<string, string>> | undefined
  /** The sheet could not be asked: what it says may be missing. */
  readonly isPartial: boolean
}

/** Whose request it is. */
interface ClientInput {
  readonly email: string
  readonly name?: string | undefined
}

/**
 * The agent for client data: what several sources together know of him, else the sheet, else the store, else what the request says. What the sheet says is kept in the store. What was brought together
 * is kept of a new client alone: written over one whom the store has, it would come back from there as if the store had said it.
 */
export function clientDataAgent({ reconciledClient, lookUpClient }: CharterTools): Workflow<ClientInput, KnownClient> {
  return defineWorkflow({
    name: 'client-data',
    version: 1,
    input: z.object({ email: z.email(), name: z.string().optional() }),
    async run(run, { email: given, name: givenName }) {
      const email = given.toLowerCase()
      let found: (ClientProfile & Partial<ReconciledClient>) | undefined
      let isPartial = false
      try {
        found =
          (await run.step('look-in-sheet', async ({ signal }) => {
            const known = await reconciledClient?.(run.tenant, email)
            return known ?? (await lookUpClient?.(email, { signal, ...idOf(run.requestId) })) ?? null
          })) ?? undefined
      } catch {
        // The sheet is away: the store knows him too, or his request says enough.
        isPartial = true
      }
      return run.transaction('keep-client', async (transaction) => {
        const before = await transaction
          .selectFrom('clients')
          .select(['id', 'name', 'phone', 'profile'])
          .where('email', '=', email)
          .orderBy('created_at')
          .limit(1)
          .executeTakeFirst()
        const provenance = found?.provenance
        const source = sourceOf(found, before)
        // What a person has to decide is not guessed: rather as he calls himself.
        const ownName = source === 'sync' ? (givenName ?? before?.name) : (before?.name ?? givenName)
        const name = found?.name ?? ownName ?? email
        const values = {
          name,
          phone: found?.phone ?? before?.phone ?? null,
          profile: json({ ...before?.profile, ...found?.details }),
        }
        const { id } =
          before === undefined
            ? await transaction
                .insertInto('clients')
                .values({ email, source, ...values })
                .returning('id')
                .executeTakeFirstOrThrow()
            : source === 'sync'
              ? before
              : await transaction
                  .updateTable('clients')
                  .set(values)
                  .where('id', '=', before.id)
                  .returning('id')
                  .executeTakeFirstOrThrow()
        if (run.requestId !== undefined)
          await transaction.updateTable('requests').set({ client_id: id }).where('id', '=', run.requestId).execute()
        if (run.requestId !== undefined && provenance !== undefined)
          await transaction
            .insertInto('activities')
            .values({
              request_id: run.requestId,
              agent: 'client-data',
              activity: 'client-found',
              details: json({ source, provenance }),
            })
            .execute()
        return {
          id,
          email,
          name,
          source,
          ...(provenance === undefined ? {} : { provenance }),
          isPartial,
        } satisfies KnownClient
      })
    },
  })
}

function sourceOf(found: Partial<ReconciledClient> | undefined, before: object | undefined): KnownClient['source'] {
  if (found?.provenance !== undefined) return 'sync'
  if (found !== undefined) return 'sheet'
  return before === undefined ? 'request' : 'store'
}

function idOf(requestId: string | undefined): { readonly requestId?: string } {
  return requestId === undefined ? {} : { requestId }
}
