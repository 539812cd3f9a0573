import { createWriteStream } from 'node:fs'
import { asSluiceError } from '../../core/errors.ts'
import { type Frame, frameOf, frameReader } from './frames.ts'
import type { OpenCall, RenderCall } from './image-calls.ts'
import { renderImage } from './image-render.ts'
import { openImage } from './sharp.ts'

/**
 * A program of its own: strangers' pictures are opened and decoded here, held down as ffmpeg is, and nowhere else. One question at a time
 * comes in by standard input, its answer goes out by pipe 4; it reads and writes no file.
 */
const answers = createWriteStream('', { fd: 4 })
const { signal } = new AbortController()

async function answerTo({ head, bodies: [bytes = Buffer.alloc(0)] }: Frame): Promise<Buffer> {
  const call = head as OpenCall | RenderCall
  if (call.call === 'open') return frameOf({ facts: await openImage({ bytes, limits: call.limits }) })
  const { rendered, placeholder } = await renderImage({ bytes, plan: call.plan, limits: call.limits, signal })
  const files = rendered.map(({ width, height, format, hasMetadata }) => ({ width, height, format, hasMetadata }))
  return frameOf(
    { files, placeholder },
    rendered.map((one) => one.bytes),
  )
}

process.stdin.on(
  'data',
  frameReader({
    maxBytes: 2 ** 31,
    onFrame: async (frame) => {
      const answer = await answerTo(frame).catch((thrown: unknown) => {
        const { code, message } = asSluiceError(thrown)
        return frameOf({ error: { code, message } })
      })
      answers.write(answer)
    },
  }),
)
// Whoever asks has gone.
process.stdin.on('end', () => process.exit(0))
