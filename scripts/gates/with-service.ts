import type { Service } from '../services.ts'
import type { GateResult } from './gate.ts'

/** What some tests need on the machine. */
export interface NeededService {
  readonly service: Service
  /** Tells the tests where it is. */
  readonly variable: string
  /** What is not tested without it. */
  readonly untested: string
}

/** Runs tests with a service. Without it they fail in CI, and elsewhere it is said what was left out. */
export async function withService(
  { service, variable, untested }: NeededService,
  run: (env: Record<string, string>) => Promise<GateResult>,
): Promise<GateResult> {
  if ('path' in service) return run({ [variable]: service.path })
  if (process.env['CI'] === 'true') return { ok: false, output: `${service.missing}\n` }
  const result = await run({})
  return { ...result, notes: [...(result.notes ?? []), `${untested} ${service.missing}`] }
}
