import type { SharedV4ProviderOptions } from '@ai-sdk/provider'

/** Ours are read by whoever is a list of tiers inside, and by nobody else. */
const OURS = 'holdfast'

interface Optioned {
  readonly providerOptions?: SharedV4ProviderOptions
}

/** The same with the options of these providers only; the very same where there are no others. */
export function withOptionsFor<Thing extends object>(thing: Thing, namespaces: ReadonlySet<string>): Thing {
  const { providerOptions } = thing as Optioned
  if (providerOptions === undefined || providerOptions === null) return thing
  let others = false
  for (const name in providerOptions) others ||= name !== OURS && !namespaces.has(name)
  if (!others) return thing
  const kept = Object.entries(providerOptions).filter(([name]) => name === OURS || namespaces.has(name))
  const { providerOptions: _, ...rest } = thing as Optioned
  // Without the property, where nothing is left: some providers look whether it is there.
  return (kept.length === 0 ? rest : { ...rest, providerOptions: Object.fromEntries(kept) }) as Thing
}

/** Whose marks something bears. `none` also where they are only ours. */
export function marksOf({ providerOptions }: Optioned, namespaces: ReadonlySet<string>): 'own' | 'foreign' | 'none' {
  let whose: 'foreign' | 'none' = 'none'
  for (const name in providerOptions) {
    if (namespaces.has(name)) return 'own'
    if (name !== OURS) whose = 'foreign'
  }
  return whose
}
