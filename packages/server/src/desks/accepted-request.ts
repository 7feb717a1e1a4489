import { createHash, randomUUID } from 'node:crypto'
import type { Desk, NewRequest } from '@holdfast/agents/desks'
import type { Workflows } from '@holdfast/agents/workflows'
import { HoldfastError } from '@holdfast/core'
import { json, once } from '@holdfast/store/database'
import type { Claims, Store, TransactionOptions } from '@holdfast/store/database'
import type { AskedBack } from './desks.ts'

/** A request that was understood, as it is kept, in the store or on its way there. */
export interface AcceptedRequest {
  /** Made of whose it is and its key: the same however often it comes, and at whichever server. */
  readonly id: string
  readonly tenant: string
  readonly user: string
  readonly key: string
  /** Of what was asked, so that the key is not used for something else. */
  readonly fingerprint: string
  readonly desk: string
  readonly text: string
  readonly criteria: Readonly<Record<string, unknown>>
  /** What is begun with it. */
  readonly workflow: string
  readonly input: unknown
}

/** Lets a desk read a request, as of now. */
export function acceptedRequest(
  by: Claims,
  { name, desk }: { readonly name: string; readonly desk: Desk },
  request: NewRequest,
  key: string = randomUUID(),
): AcceptedRequest | AskedBack {
  const opened = desk.open(request)
  if ('missing' in opened) return opened
  const { tenant, user } = by
  return {
    id: idOf(digest([tenant, 'request', user, key])),
    tenant,
    user,
    key,
    fingerprint: digest([name, request]).toString('hex'),
    desk: name,
    text: request.text,
    criteria: opened.criteria,
    workflow: opened.workflow.name,
    input: opened.input,
  }
}

/** What a request comes to in the store. */
export interface BegunRequest {
  readonly runId: string
  readonly repeated: boolean
}

/**
 * Writes a request, and begins the work: both or neither, and once for its key.
 * @param acceptedAt wall time in ms, where that was not just now.
 * @throws HoldfastError of the store and the workflows; `IDEMPOTENCY_KEY_REUSED`
 */
export function beginRequest(
  { store, workflows }: { readonly store: Store; readonly workflows: Workflows },
  accepted: AcceptedRequest,
  { acceptedAt, ...options }: TransactionOptions & { readonly acceptedAt?: number | undefined } = {},
): Promise<BegunRequest> {
  const { id, tenant, user, text, criteria, desk } = accepted
  return store.asWorker(
    tenant,
    async (transaction) => {
      const begin = async (): Promise<BegunRequest> => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('requests')
          .values({
            id,
            user_id: user,
            text,
            criteria: json({ ...criteria, desk }),
            ...(acceptedAt === undefined ? {} : { created_at: new Date(acceptedAt) }),
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow()
        // Its key was forgotten, and it is still there.
        if (numInsertedOrUpdatedRows === 0n) {
          const run = await transaction
            .selectFrom('workflow_runs')
            .select('id')
            .where('request_id', '=', id)
            .orderBy('created_at')
            .limit(1)
            .executeTakeFirst()
          return { runId: run?.id ?? '', repeated: true }
        }
        const by = { tenant, user }
        const { runId } = await workflows.start(by, accepted.workflow, accepted.input as never, {
          requestId: id,
          transaction,
        })
        return { runId, repeated: false }
      }
      const key = `request:${user}:${accepted.key}`
      const { result, repeated } = await once(transaction, key, accepted.fingerprint, begin)
      return { runId: result.runId, repeated: repeated || result.repeated }
    },
    options,
  )
}

/** Whether a failure says something of the store, and nothing of the request. */
export function isOutage(error: unknown): boolean {
  if (!HoldfastError.isInstance(error) || error.code === 'TOO_MANY_RUNS') return false
  return error.category !== 'client' && error.category !== 'validation'
}

function digest(value: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(value)).digest()
}

/** A UUID of version 8: 122 bits of it. */
function idOf(digested: Buffer): string {
  const bytes = digested.subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
