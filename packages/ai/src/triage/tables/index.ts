import type { TriageTable } from '../table.ts'
import { ENGLISH } from './en.ts'
import { ITALIAN } from './it.ts'

/** The tables that come with the package. */
export const TRIAGE_TABLES: readonly TriageTable[] = Object.freeze([ENGLISH, ITALIAN])
