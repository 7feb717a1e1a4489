import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import { json } from '@holdfast/store/database'
import * as z from 'zod'
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
  /** Where most of it is from. `request`: he is new, and only what he wrote is known. */
  readonly source: 'sheet' | 'store' | 'request'
  /** The sheet could not be asked: what it says may be missing. */
  readonly isPartial: boolean
}

/** Whose request it is. */
interface ClientInput {
  readonly email: string
  readonly name?: string | undefined
}

/** The agent for client data: the sheet first, else the store, else what the request says. What is found is kept in the store. */
export function clientDataAgent({ lookUpClient }: CharterTools): Workflow<ClientInput, KnownClient> {
  return defineWorkflow({
    name: 'client-data',
    version: 1,
    input: z.object({ email: z.email(), name: z.string().optional() }),
    async run(run, { email: given, name: givenName }) {
      const email = given.toLowerCase()
      let sheet: ClientProfile | undefined
      let isPartial = false
      try {
        sheet =
          (await run.step('look-in-sheet', async ({ signal }) => {
            const found = await lookUpClient?.(email, { signal, ...idOf(run.requestId) })
            return found ?? null
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
        const source = sheet !== undefined ? 'sheet' : before !== undefined ? 'store' : 'request'
        const name = sheet?.name ?? before?.name ?? givenName ?? email
        const values = {
          name,
          phone: sheet?.phone ?? before?.phone ?? null,
          profile: json({ ...before?.profile, ...sheet?.details }),
        }
        const { id } =
          before === undefined
            ? await transaction
                .insertInto('clients')
                .values({ email, source, ...values })
                .returning('id')
                .executeTakeFirstOrThrow()
            : await transaction
                .updateTable('clients')
                .set(values)
                .where('id', '=', before.id)
                .returning('id')
                .executeTakeFirstOrThrow()
        if (run.requestId !== undefined)
          await transaction.updateTable('requests').set({ client_id: id }).where('id', '=', run.requestId).execute()
        return { id, email, name, source, isPartial } satisfies KnownClient
      })
    },
  })
}

function idOf(requestId: string | undefined): { readonly requestId?: string } {
  return requestId === undefined ? {} : { requestId }
}
