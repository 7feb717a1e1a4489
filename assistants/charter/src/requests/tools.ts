import type { ApiCallOptions, Avinode } from '@holdfast/connectors/avinode'
import type { Mailer } from '@holdfast/connectors/email'
import type { StepOptions } from '@holdfast/agents/workflows'
import type { ClientProfile } from './client-data.ts'
import type { ReconciledClient } from './reconciled-client.ts'

/** For what has to be done however long the other side is away: some hours, five minutes apart at most. */
export const PATIENTLY: StepOptions = Object.freeze({ retries: 60, backoffMs: 2_000, maxBackoffMs: 300_000 })

/** What the desk works with. */
export interface CharterTools {
  readonly avinode: Pick<Avinode, 'searchAircraft' | 'requestQuote' | 'readQuotes'>
  readonly mailer: Pick<Mailer, 'send'>
  /** The client as several sources together know him; nothing for one whom they do not. Asked first. Default: nobody brings any together. */
  readonly reconciledClient?: ((tenant: string, email: string) => Promise<ReconciledClient | undefined>) | undefined
  /** What is known of a client outside the store, such as in a sheet; nothing for one who is not there. Default: nowhere. */
  readonly lookUpClient?: ((email: string, call: ApiCallOptions) => Promise<ClientProfile | undefined>) | undefined
}

/** Where the clients are in a spreadsheet: the names of the sheet and of its columns. Letter case does not count in those of columns. */
export interface ClientSheet {
  readonly name: string
  readonly email: string
  readonly clientName: string
  readonly phone: string
}

/** How the desk goes about it. */
export interface CharterTerms {
  /** What the desk calls itself, and where its people read their mail. */
  readonly deskName: string
  readonly deskEmail: string
  /** Who may approve a proposal: people with one of these roles. */
  readonly approvers: readonly string[]
  /** How long operators have to answer, in ms. */
  readonly quoteWaitMs: number
  /** How often their answers are looked at meanwhile, in ms; a hint that something has come leads to a look at once. */
  readonly lookEveryMs: number
  /** So many prices are enough, once half of the time is over. */
  readonly quorum: number
  /** How long a person has to approve, in ms. */
  readonly approvalWaitMs: number
  /** When the client is asked again who has not answered, in ms. */
  readonly followUpMs: number
}
