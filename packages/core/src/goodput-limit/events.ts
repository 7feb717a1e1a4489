/** A limit came into force, was cut, or is no longer needed. Its slow growth in between is not reported. */
export interface GoodputLimited {
  readonly type: 'goodput-limited'
  /** Wall time in milliseconds since the Unix epoch. */
  readonly at: number
  /** The name of the limit; for an integration's, the name of the integration. */
  readonly limiter: string
  /** `Infinity` is no limit. */
  readonly from: number
  readonly to: number
}
