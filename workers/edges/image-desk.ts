import { availableParallelism } from 'node:os'
import { imageMemory } from '../../core/media/cost.ts'
import type { ImageFacts } from '../../core/media/image-variants.ts'
import { type Decoder, startDecoder } from './decoder.ts'
import { frameOf } from './frames.ts'
import { type OpenCall, type Picked, type RenderCall, readFacts, readRendered } from './image-calls.ts'
import { makeLanes } from './image-lanes.ts'
import type { RenderedPicture } from './image-render.ts'
import { defaultLimits } from './limits.ts'
import type { ImageLimits } from './sharp-setup.ts'
import type { MediaTools } from './tools.ts'

type Picture = { bytes: Buffer; limits: ImageLimits; tenant: string; signal: AbortSignal }

/** Where strangers' pictures are decoded: never in this process, always in one that a crash, a hang or a bomb may cost. */
export type ImageDesk = {
  /** Reads the header alone, and refuses what must not be decoded before a pixel of it is. */
  open(picture: Picture): Promise<ImageFacts>
  /** Everything that is to be made of it, from one decode. */
  render(
    picture: Picture & { plan: Picked; memory?: number | undefined; long?: Long | undefined },
  ): Promise<RenderedPicture>
  close(): Promise<void>
}

/** Hears of a decoder that takes long, and may hold it still; what it gives back is called when that has ended. */
export type Long = NonNullable<MediaTools['courtesy']>

type Options = { sandbox: readonly string[]; most?: number; restMs?: number; program?: string }

/** For a picture of this much and less a decoder is used again; for a larger one, or one that takes long, there is one of its own, held to what it needs. */
const shared = 528 * 2 ** 20
/** What a flaw of the libraries may have left in it goes with it. */
const mostQuestions = 100

type Kept = { decoder: Decoder; tenant: string; questions: number; rest?: NodeJS.Timeout }

/** A decoder that was used is used again, for a while, and for the same tenant: what a picture did to it no other tenant meets. */
export function openImageDesk({
  sandbox,
  most = availableParallelism() + 1,
  restMs = 20_000,
  program,
}: Options): ImageDesk {
  const inLane = makeLanes({ atMost: Math.max(2, most) })
  const idle = new Set<Kept>()
  const all = new Set<Decoder>()

  const start = (memoryBytes: number, long?: Long) => {
    const decoder = startDecoder({
      sandbox,
      memoryBytes,
      ...(long && { long, nice: defaultLimits.nice }),
      ...(program === undefined ? {} : { program }),
    })
    all.add(decoder)
    return decoder
  }
  const end = async (decoder: Decoder) => {
    await decoder.end()
    all.delete(decoder)
  }
  const take = (tenant: string): Kept => {
    for (const kept of idle) {
      if (kept.tenant !== tenant || kept.decoder.gone) continue
      idle.delete(kept)
      clearTimeout(kept.rest)
      return kept
    }
    return { decoder: start(shared), tenant, questions: 0 }
  }
  const giveBack = async (kept: Kept) => {
    kept.questions += 1
    if (kept.decoder.gone || kept.questions >= mostQuestions) return end(kept.decoder)
    const last = () => {
      idle.delete(kept)
      // Nobody waits for it.
      void end(kept.decoder)
    }
    kept.rest = setTimeout(last, restMs).unref()
    idle.add(kept)
    // No more than may work at once are kept, and the oldest goes first.
    const [oldest] = idle
    if (all.size > Math.max(2, most) && oldest) {
      idle.delete(oldest)
      clearTimeout(oldest.rest)
      await end(oldest.decoder)
    }
  }
  const ask = ({ tenant, memory, long, ...question }: Asked) =>
    inLane(async () => {
      const isLarge = memory > shared || long !== undefined
      const kept = isLarge ? { decoder: start(memory, long), tenant, questions: mostQuestions } : take(tenant)
      try {
        return await kept.decoder.ask(question)
      } finally {
        await giveBack(kept)
      }
    })

  return {
    async open({ bytes, limits, tenant, signal }) {
      const call: OpenCall = { call: 'open', limits }
      return readFacts(await ask({ frame: frameOf(call, [bytes]), wallMs: 30_000, memory: 0, tenant, signal }))
    },
    async render({ bytes, limits, tenant, signal, plan, memory = worst(limits, plan), long }) {
      const { working, renders, animated } = plan
      const call: RenderCall = { call: 'render', limits, plan: { working, renders, ...(animated ? { animated } : {}) } }
      return readRendered(
        await ask({ frame: frameOf(call, [bytes]), wallMs: 300_000, memory, long, tenant, signal }),
        plan,
      )
    },
    async close() {
      for (const { rest } of idle) clearTimeout(rest)
      await Promise.all([...all].map(end))
    },
  }
}

type Asked = {
  frame: Buffer
  wallMs: number
  memory: number
  long?: Long | undefined
  tenant: string
  signal: AbortSignal
}

const worst = ({ maxPixels }: ImageLimits, { working }: Picked) =>
  imageMemory({ format: 'heic', pixels: maxPixels, working: working.width * working.height })
