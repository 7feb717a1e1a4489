import type { Environment } from '../environment/environment.ts'
import { askAdmin } from './admin-client.ts'
import type { Output } from './output.ts'

interface CircuitState {
  readonly name: string
  readonly circuit: string
}

/** `holdfast reset [circuit]`. */
export async function runReset(environment: Environment, name: string | undefined, output: Output): Promise<number> {
  const circuits =
    name === undefined
      ? ((await askAdmin(environment, 'POST', '/admin/reset-circuits')) as { circuits: CircuitState[] }).circuits
      : [(await askAdmin(environment, 'POST', `/admin/circuits/${encodeURIComponent(name)}/reset`)) as CircuitState]
  for (const { name: circuit, circuit: state } of circuits) output.out(`${circuit}: ${state}\n`)
  return 0
}
