import type { ImageFacts } from '../../core/media/image-variants.ts'

/** What all pictures that are decoded at once may hold together. One that needs more than that goes alone. */
const budgetBytes = 2 ** 30

/**
 * Bytes that decoding takes for each pixel, at worst: measured on 100 megapixels, and rounded up. What is read row by row costs far
 * less, but a progressive JPEG, an interlaced PNG or one frame of AV1 is held whole; HEIC is, in a process of its own.
 */
const bytesPerPixel: Record<ImageFacts['format'], number> = {
  jpeg: 6,
  png: 8,
  webp: 4,
  gif: 8,
  avif: 18,
  heic: 32,
  tiff: 8,
}

export const decodeBytes = ({ format, width, height }: Pick<ImageFacts, 'format' | 'width' | 'height'>) =>
  width * height * bytesPerPixel[format]

/** Lets work in as long as there is room for it, in the order in which it came: a large piece waits, and is not overtaken for ever. */
export function makeRoom({ bytes: all }: { bytes: number }): <T>(bytes: number, work: () => Promise<T>) => Promise<T> {
  const waiting: { bytes: number; enter: () => void }[] = []
  let held = 0

  function letIn(): void {
    for (let next = waiting[0]; next && (held === 0 || held + next.bytes <= all); next = waiting[0]) {
      waiting.shift()
      held += next.bytes
      next.enter()
    }
  }

  return async (bytes, work) => {
    await new Promise<void>((enter) => {
      waiting.push({ bytes, enter })
      letIn()
    })
    try {
      return await work()
    } finally {
      held -= bytes
      letIn()
    }
  }
}

/** The room of this process, which all its decoding shares. */
export const inRoom = makeRoom({ bytes: budgetBytes })
