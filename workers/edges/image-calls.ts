import { z } from 'zod'
import { SluiceError } from '../../core/errors.ts'
import type { ImageFacts, ImagePlan } from '../../core/media/image-variants.ts'
import type { Frame } from './frames.ts'
import type { RenderedPicture } from './image-render.ts'
import type { ImageLimits } from './sharp-setup.ts'

/** What the decoder's process is asked; the picture comes behind it. */
export type OpenCall = { call: 'open'; limits: ImageLimits }
export type RenderCall = { call: 'render'; limits: ImageLimits; plan: Picked }
export type Picked = Pick<ImagePlan, 'working' | 'renders' | 'animated'>

const side = z.number().int().positive().max(65_536)
const codes = z.enum([
  ...(['corrupt_media', 'too_large', 'too_many_pixels', 'unsupported_container', 'unsupported_codec'] as const),
  ...(['resource_limit', 'encoder_failed', 'output_invalid', 'internal'] as const),
])
const failed = z.object({ error: z.object({ code: codes, message: z.string() }) })
const facts = z.object({
  facts: z.object({
    format: z.enum(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic']),
    width: side,
    height: side,
    orientation: z.number().optional(),
    pages: z.number(),
    hasAlpha: z.boolean(),
    space: z.string(),
    depth: z.string(),
    density: z.number().optional(),
  }),
})
const made = z.object({
  files: z.array(z.object({ width: side, height: side, format: z.string(), hasMetadata: z.boolean() })),
  placeholder: z.object({ thumbhash: z.string().max(100), color: z.string().regex(/^#[0-9a-f]{6}$/) }),
})

/** The child was fed by a stranger: what it says is taken for no more than it is. */
function read<T>({ head }: Frame, schema: z.ZodType<T>): T {
  const error = failed.safeParse(head).data?.error
  if (error) throw new SluiceError(error.code, { message: error.message.slice(0, 4_000) })
  const told = schema.safeParse(head)
  if (told.success) return told.data
  throw new SluiceError('decoder_crashed', { message: `the decoder answered nonsense: ${told.error.message}` })
}

export function readFacts(frame: Frame): ImageFacts {
  const { orientation, density, ...told } = read(frame, facts).facts
  return {
    ...told,
    ...(orientation === undefined ? {} : { orientation }),
    ...(density === undefined ? {} : { density }),
  }
}

/** Which file is which is known from what was asked for; the child only says what they turned out to be. */
export function readRendered(frame: Frame, plan: Picked): RenderedPicture {
  const { files, placeholder } = read(frame, made)
  const asked = [...plan.renders, ...(plan.animated ? [plan.animated] : [])]
  const complete = files.length === asked.length || files.length === plan.renders.length
  if (!complete || frame.bodies.length !== files.length)
    throw new SluiceError('decoder_crashed', { message: `the decoder made ${files.length} of ${asked.length} files` })
  const rendered = asked.flatMap((render, n) => {
    const [file, bytes] = [files[n], frame.bodies[n]]
    return file && bytes ? [{ ...file, render, bytes }] : []
  })
  return { rendered, placeholder }
}
