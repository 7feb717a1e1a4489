import type { WriteMemory } from '@holdfast/connectors/writes'

/** The memory of what is written at an address: what was made in the sandbox was not made in the service itself. */
export function writesAt(memory: WriteMemory, { sandbox }: { readonly sandbox: boolean }): WriteMemory {
  if (!sandbox) return memory
  return { once: ({ service, ...write }, make) => memory.once({ ...write, service: `${service} (sandbox)` }, make) }
}
