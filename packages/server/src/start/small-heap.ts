import { setFlagsFromString } from 'node:v8'

const OWN_LIMITS = /--(?:max-(?:old|semi|heap)|min-semi|optimize-for-size|heap-growing|semi-space)/

/**
 * Makes V8 collect garbage earlier: when the heap has grown by a fifth, and with a nursery that stays small. Left alone, it lets
 * garbage pile up to several times of what is in use: 200 conversations at once without n8n took 600 MB, of which 100 were alive.
 * So they take about half of that, for a few milliseconds of CPU per answer. (`--optimize-for-size` saves a little more,
 * but it also throws compiled code away: it doubles the CPU of every answer.)
 *
 * V8 reads the flags whenever it decides how far the heap may grow, so they can be set while the process runs; best before the
 * heap has grown. Whoever sets limits by flags of their own is left alone.
 *
 * @param flags What Node was started with.
 */
export function keepHeapSmall(flags: readonly string[]): void {
  if (OWN_LIMITS.test(flags.join(' '))) return
  setFlagsFromString('--heap-growing-percent=20')
  setFlagsFromString('--semi-space-growth-factor=1')
}
