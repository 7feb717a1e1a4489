/**
 * The intake takes what must never be lost: it is accepted when it is on the disk, in the store or, while that is away, in the journal.
 */
export { createIntake } from './create-intake.ts'
export type { Author, Entries, EntryKind } from './entries.ts'
export type { IntakeAccepted, IntakeEvent, IntakeReplayed, IntakeSetAside, IntakeStoreState } from './events.ts'
export type { AcceptedEntry, AcceptOptions, EntrySetAside, Intake, IntakeStatus } from './intake.ts'
export { INTAKE_DEFAULTS } from './options.ts'
export type { IntakeOptions } from './options.ts'
