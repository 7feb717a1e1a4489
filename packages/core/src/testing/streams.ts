/** A stream that gives these chunks and ends. */
export function streamOf<Chunk>(...chunks: readonly Chunk[]): ReadableStream<Chunk> {
  const rest = [...chunks]
  return new ReadableStream({
    pull: (controller) => {
      if (rest.length === 0) controller.close()
      else controller.enqueue(rest.shift() as Chunk)
    },
  })
}

/** Everything a stream gives, once it has ended. */
export async function readAll<Chunk>(stream: ReadableStream<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  const reader = stream.getReader()
  for (let result = await reader.read(); !result.done; result = await reader.read()) chunks.push(result.value)
  return chunks
}
