/** How an integration reads a stream's chunks. All functions must be cheap and must not throw. */
export interface StreamRules<Chunk> {
  /** Whether this chunk is output that a reader would see. Metadata, pings and empty deltas are not. */
  isOutput(chunk: Chunk): boolean
  /** The error a chunk carries in band, if it does. */
  readonly failure?: ((chunk: Chunk) => unknown) | undefined
  /** Whether this chunk says that the answer is whole. A stream that ends without one is `STREAM_INCOMPLETE`. */
  readonly isEnd?: ((chunk: Chunk) => boolean) | undefined
}
