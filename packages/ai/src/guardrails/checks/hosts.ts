import { invalid } from '../../errors/invalid-options.ts'

/** Says of a host whether links may lead to it. */
export type HostTest = (host: string) => boolean

/**
 * @param hosts names of hosts; `*.example.com` stands for all below `example.com`, but not for itself.
 * @throws HoldfastError INVALID_OPTION for an entry that is no name of a host.
 */
export function hostTest(option: string, hosts: readonly string[]): HostTest {
  const exact = new Set<string>()
  const below: string[] = []
  for (const host of hosts) {
    const name = host.toLowerCase()
    if (!/^(?:\*\.)?[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252})$/u.test(name)) {
      throw invalid(option, 'names of hosts, without scheme and port', host)
    }
    if (name.startsWith('*.')) below.push(name.slice(1))
    else exact.add(name)
  }
  return (host) => exact.has(host) || below.some((end) => host.endsWith(end))
}
