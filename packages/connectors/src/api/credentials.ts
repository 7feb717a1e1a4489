/** What calls authenticate by, where it has to be fetched and renewed. */
export interface Credentials {
  /**
   * The headers to send; kept until shortly before they expire. All who ask while they are fetched share one request.
   * @throws HoldfastError when they cannot be had, never with `mayHaveTakenEffect`; or the reason of `signal`, at once.
   */
  headers(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>
  /** The service has refused these headers: they are forgotten. Whether others are worth a try. */
  refused(headers: Readonly<Record<string, string>>): boolean
}
