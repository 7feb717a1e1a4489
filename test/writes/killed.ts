import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { openWriteMemory } from '@holdfast/store/database'
import type { Store, UnconfirmedWrite } from '@holdfast/store/database'
import { newTenant } from '../store/conformance.ts'
import { rejection } from './contract.ts'

/** What the processes after the killed one found. */
export interface AfterTheKill {
  /** How often the write was made, by whomever. */
  readonly made: number
  readonly refused: unknown
  readonly listed: readonly UnconfirmedWrite[]
  /** Once a person has said that it was made. */
  readonly settled: string
}

/**
 * Kills a process between a write and its note, and looks what the next one finds.
 * @param where the store's directory, or its address. @param open opens the store there.
 */
export async function killBetweenWriteAndNote(where: string, open: () => Promise<Store>): Promise<AfterTheKill> {
  const before = await open()
  const tenant = await newTenant(before)
  await before.close()
  let made = 0
  const arrived = Promise.withResolvers<void>()
  // It has taken effect when it is here; the answer never comes.
  const service = createServer(() => {
    made++
    arrived.resolve()
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  const { port } = service.address() as AddressInfo
  const program = fileURLToPath(new URL('writer.ts', import.meta.url))
  const writer = spawn(
    process.execPath,
    ['--conditions=holdfast-source', program, where, tenant, 'deal-7', `http://127.0.0.1:${port}`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  try {
    const exited = once(writer, 'exit')
    await Promise.race([arrived.promise, exited])
    writer.kill('SIGKILL')
    await exited
    const store = await open()
    try {
      const memory = openWriteMemory({ store, tenant, underWayMs: 500 })
      const again = (): Promise<string> =>
        memory.once({ service: 'crm', key: 'deal-7', input: 1 }, async () => String(++made))
      const refused = await rejection(again())
      const listed = await memory.unconfirmed()
      await memory.settle({ service: 'crm', key: 'deal-7', outcome: 'made', result: 'deal 7', by: 'ada' })
      const settled = await again()
      await memory.close()
      return { made, refused, listed, settled }
    } finally {
      await store.close()
    }
  } finally {
    writer.kill('SIGKILL')
    service.closeAllConnections()
    service.close()
  }
}
