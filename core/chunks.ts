const MiB = 2 ** 20

/** What a client may ask for. */
export const chunkLimits = { least: 256 * 1024, most: 100 * MiB }

/** How large chunks are unless the client says, and how many there may be: as many as a listing of what is missing can bear, or as S3 takes parts. */
const rules = {
  chunks: { usual: MiB, count: 100_000 },
  direct: { usual: 8 * MiB, count: 10_000 },
}
export type Strategy = keyof typeof rules

/** Larger than usual where there would be too many. */
export function usualChunkBytes({ bytes, strategy }: { bytes: number; strategy: Strategy }): number {
  const { usual, count } = rules[strategy]
  return Math.max(usual, Math.ceil(bytes / count / MiB) * MiB)
}

/** The smallest chunks that are not too many. */
export const leastChunkBytes = ({ bytes, strategy }: { bytes: number; strategy: Strategy }): number =>
  Math.max(chunkLimits.least, Math.ceil(bytes / rules[strategy].count))

type Cut = { bytes: number; chunkBytes: number }

export const chunkCount = ({ bytes, chunkBytes }: Cut): number => Math.ceil(bytes / chunkBytes)

/** All are equal but the last, which is the rest; undefined past that. */
export function bytesOfChunk({ bytes, chunkBytes }: Cut, index: number): number | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= chunkCount({ bytes, chunkBytes })) return undefined
  return Math.min(chunkBytes, bytes - index * chunkBytes)
}
