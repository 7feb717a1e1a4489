import { defineWorkflow } from '@holdfast/agents/workflows'
import type { Workflow, WorkflowRun } from '@holdfast/agents/workflows'
import type { EmailMessage } from '@holdfast/connectors/email'
import type { Clock } from '@holdfast/core'
import { json } from '@holdfast/store/database'
import type { Transaction } from '@holdfast/store/database'
import * as z from 'zod'
import { beyondFacts } from './facts.ts'
import { factsOf, letterOf } from './letters.ts'
import type { Letter, LetterKind } from './letters.ts'
import { PATIENTLY } from './tools.ts'
import type { CharterTools } from './tools.ts'
import { draft, noteWritten } from './writing.ts'
import type { Writers } from './writing.ts'

interface LetterInput {
  /** What kind of letter, for the log. */
  readonly kind: LetterKind | 'prices'
  readonly message: EmailMessage
  /** When it is not to be sent any more: wall time in ms since the Unix epoch. Default: never. */
  readonly notAfter?: number | undefined
}

/** What became of a letter: the id that the service gave it, or that it was held back, since it was too late. */
export interface SentLetter {
  readonly id?: string
  readonly isHeldBack?: true
}

/** Writes a letter: a model the words, where it keeps to the facts, else the desk's own; the offers are the desk's own in any case. */
export function letterWritingAgent(writers: Writers | undefined): Workflow<Letter, EmailMessage> {
  return defineWorkflow({
    name: 'letter-writing',
    version: 1,
    input: z.custom<Letter>(),
    async run(run, letter) {
      const asked = factsOf(letter)
      const { output, written } = await draft(run, 'write', writers?.letters, asked, ({ opening, closing }) =>
        beyondFacts(`${opening}\n${closing}`, asked.facts),
      )
      await run.transaction('note-writer', (transaction) =>
        noteWritten(transaction, run, 'communication', letter.kind, written).then(() => null),
      )
      return letterOf(letter, output)
    },
  })
}

/** The agent for communication: sends a letter, once. */
export function communicationAgent(
  { mailer }: CharterTools,
  clock: Pick<Clock, 'wallTime'>,
): Workflow<LetterInput, SentLetter> {
  return defineWorkflow({
    name: 'communication',
    version: 1,
    input: z.object({
      kind: z.enum(['proposal', 'follow-up', 'nothing-found', 'prices']),
      message: z.custom<EmailMessage>(),
      notAfter: z.number().optional(),
    }),
    async run(run, { kind, message, notAfter = Infinity }): Promise<SentLetter> {
      const { id, attempt } = await run.step(
        'send',
        async ({ signal, idempotencyKey, attempt }): Promise<{ readonly id?: string; readonly attempt?: number }> => {
          if (clock.wallTime() >= notAfter) return { attempt }
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
      if (id === undefined) {
        await run.transaction('note-held-back', (transaction) => noteHeldBack(transaction, run, { kind, attempt }))
        return { isHeldBack: true }
      }
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

/** After an attempt that failed nobody knows whether the service has it all the same. */
async function noteHeldBack(
  transaction: Transaction,
  { requestId }: WorkflowRun,
  details: { readonly kind: LetterInput['kind']; readonly attempt: number | undefined },
): Promise<null> {
  if (requestId === undefined) return null
  await transaction
    .insertInto('activities')
    .values({ request_id: requestId, agent: 'communication', activity: 'letter-held-back', details: json(details) })
    .execute()
  return null
}
