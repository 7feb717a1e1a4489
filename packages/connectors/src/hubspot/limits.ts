import { numberIn } from '../api/used-up.ts'
import type { HubSpotLimits } from './types.ts'

/** What the headers of a reply say is left; `undefined` where they say nothing, as those of a search. */
export function readLimits(headers: Readonly<Record<string, string>>): HubSpotLimits | undefined {
  const number = (name: string): number | undefined => numberIn(headers, `x-hubspot-ratelimit-${name}`)
  const daily = known({ limit: number('daily'), left: number('daily-remaining') })
  // The newer names, and those from before.
  const window = known({
    limit: number('max') ?? number('secondly'),
    left: number('remaining') ?? number('secondly-remaining'),
    intervalMs: number('interval-milliseconds'),
  })
  if (daily === undefined && window === undefined) return undefined
  return Object.freeze({ ...(daily === undefined ? {} : { daily }), ...(window === undefined ? {} : { window }) })
}

function known(values: Readonly<Record<string, number | undefined>>): Record<string, number> | undefined {
  const set = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return set.length === 0 ? undefined : Object.fromEntries(set)
}
