/**
 * The share of requests to turn away when `accepted` of the last `requests` were accepted, those that were turned away
 * included: none while there are no more than `requestsPerAccepted` for each accepted one, and then so many that about that
 * many are sent. 0 to 1. ("Handling Overload", equation 21-1, in Beyer et al.: Site Reliability Engineering, O'Reilly, 2016.)
 */
export function rejectedShare(requests: number, accepted: number, requestsPerAccepted: number): number {
  return Math.max(0, (requests - requestsPerAccepted * accepted) / (requests + 1))
}
