import { describe } from 'vitest'
import { uploadsBegin } from './chunks/beginning.suite.ts'
import { chunkDesk, type Way } from './chunks/chunk-desk.ts'
import { uploadsEnd } from './chunks/ending.suite.ts'
import { chunksAreJoined } from './chunks/joining.suite.ts'
import { oneChunkComes } from './chunks/one-chunk.suite.ts'

/** Uploads in chunks; the same on every storage. */
export function chunksSuite(way: Way): void {
  describe(`an upload in chunks, on ${way.name}`, () => {
    const desk = chunkDesk(way)
    uploadsBegin(desk)
    oneChunkComes(desk)
    chunksAreJoined(desk)
    uploadsEnd(desk)
  })
}
