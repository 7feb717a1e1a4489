import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow } from '@holdfast/agents/workflows'
import type { EmailMessage } from '@holdfast/connectors/email'
import { json } from '@holdfast/store/database'
import * as z from 'zod'
import { PATIENTLY } from './tools.ts'
import type { CharterTools } from './tools.ts'

interface LetterInput {
  /** What kind of letter, for the log. */
  readonly kind: string
  readonly message: EmailMessage
}

/** The agent for communication: sends a letter, once. */
export function communicationAgent({ mailer }: CharterTools): Workflow<LetterInput, { readonly id: string }> {
  return defineWorkflow({
    name: 'communication',
    version: 1,
    input: z.object({ kind: z.string(), message: z.custom<EmailMessage>() }),
    async run(run, { kind, message }) {
      const { id } = await run.step(
        'send',
        async ({ signal, idempotencyKey }) => {
          const sent = await mailer.send(message, {
            signal,
            idempotencyKey,
            ...(run.requestId === undefined ? {} : { requestId: run.requestId }),
          })
          return { id: sent.id }
        },
        // The service knows the key, and takes a letter once.
        PATIENTLY,
      )
      await run.transaction('note-letter', (transaction) =>
        transaction
          .insertInto('audit')
          .values({
            actor: run.startedBy,
            action: 'letter-sent',
            target: run.requestId ?? null,
            details: json({ kind, id }),
          })
          .execute()
          .then(() => null),
      )
      return { id }
    },
  })
}
