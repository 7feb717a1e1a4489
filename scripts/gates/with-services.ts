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

/** Runs tests with services. Without one of them they fail in CI, and elsewhere it is said what was left out. */
export async function withServices(
  needed: readonly NeededService[],
  run: (env: Record<string, string>) => Promise<GateResult>,
): Promise<GateResult> {
  const env: Record<string, string> = {}
  const missing: string[] = []
  for (const { service, variable, untested } of needed) {
    if ('path' in service) env[variable] = service.path
    else missing.push(`${untested} ${service.missing}`)
  }
  if (missing.length > 0 && process.env['CI'] === 'true') return { ok: false, output: `${missing.join('\n')}\n` }
  const result = await run(env)
  return { ...result, notes: [...(result.notes ?? []), ...missing] }
}
