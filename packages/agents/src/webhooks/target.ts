import type { LookupAddress } from 'node:dns'
import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { webhookError } from './failures.ts'

/** Where webhooks may go. */
export interface TargetRules {
  readonly allowHttp: boolean
  readonly allowPrivateAddresses: boolean
}

const MAX_LENGTH = 2_000

/**
 * Reads the address of a webhook.
 * @throws HoldfastError `WEBHOOK_URL_REFUSED`; the message does not repeat the address, which may hold a key.
 */
export function checkUrl(text: string, rules: TargetRules): URL {
  const url = typeof text === 'string' && text.length <= MAX_LENGTH ? URL.parse(text) : null
  if (url === null) throw refused(`must be an address of at most ${MAX_LENGTH} characters`)
  if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:'))
    throw refused('must begin with https:')
  if (url.username !== '' || url.password !== '') throw refused('must not have a user or a password in it')
  if (url.hash !== '') throw refused('must not have a fragment')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(host) && !mayGoTo(host, rules)) throw refused('must not be a private address')
  return url
}

/** Looks a name up, and gives only what may be connected to: the connection goes to the very address that was checked. */
export function guardedLookup(rules: TargetRules, lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => {
      if (error !== null) return callback(error, [])
      // One private address among public ones is what an attacker's name server answers: none of them counts.
      if (found.length === 0 || !found.every(({ address }) => mayGoTo(address, rules)))
        return callback(refused('must not lead to a private address'), [])
      if (options.all === true) return callback(null, found)
      const [first] = found
      return callback(null, first!.address, first!.family)
    })
  }
}

/** Whether an address is one of the public network. What stands for another one in it (a mapped or translated address) is none. */
function mayGoTo(address: string, { allowPrivateAddresses }: TargetRules): boolean {
  if (allowPrivateAddresses) return true
  if (!ipaddr.isValid(address)) return false
  const read = ipaddr.process(address)
  // Of IPv6 this block alone is given out; elsewhere are old ways of writing an address of IPv4.
  return read.range() === 'unicast' && (read.kind() === 'ipv4' || read.match(ipaddr.parseCIDR('2000::/3')))
}

function refused(problem: string): Error {
  return webhookError('WEBHOOK_URL_REFUSED', 'validation', `The url of a webhook ${problem}`)
}
