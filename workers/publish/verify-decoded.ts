import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../../core/errors.ts'
import { checkArgs, type Decoded, readDecoded, type Sample } from '../../core/media/check-args.ts'
import { codecOf, soundCodec } from '../../core/media/encoder.ts'
import type { Rendition } from '../../core/media/ladder.ts'
import { readInit } from '../../core/media/mp4-boxes.ts'
import { framesToSeconds } from '../../core/media/rational.ts'
import { baseOf, type VideoPlan } from '../../core/media/video-plan.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import type { MediaTools } from '../edges/tools.ts'

/** The ends of one track, as they were stored: its init segment, and its first and last segment. */
export type Ends = { name: string; codec: string; init: Uint8Array; first: Uint8Array; last: Uint8Array }

type Options = {
  ends: readonly Ends[]
  plan: VideoPlan | null
  tools: MediaTools
  scratch: string
  signal: AbortSignal
}
type Check = { sample: Sample; problems(decoded: Decoded): string[] }

/** Throws `output_invalid` unless every track is of the codec and size that were planned, and its first and last pictures and sounds decode, each at its time. */
export async function verifyDecoded({ ends, plan, tools, scratch, signal }: Options): Promise<void> {
  const problems = ends.flatMap((end) => initProblems({ end, plan }))
  const checks: Check[] = []
  for (const end of ends) {
    const [first, last] = [path.join(scratch, `${end.name}-first.mp4`), path.join(scratch, `${end.name}-last.mp4`)]
    await writeFile(first, Buffer.concat([end.init, end.first]))
    await writeFile(last, Buffer.concat([end.init, end.last]))
    const rendition = renditionOf(plan, end)
    checks.push(...(plan && rendition ? pictureChecks({ plan, rendition, first, last }) : soundChecks({ first, last })))
  }
  if (problems.length === 0 && checks.length > 0) {
    const samples = checks.map(({ sample }) => sample)
    const decoded = readDecoded(await decode({ samples, tools, scratch, signal }), samples.length)
    problems.push(
      ...checks.flatMap(({ sample, problems }, n) =>
        problems(decoded[n] ?? { count: 0 }).map((problem) => `${path.basename(sample.file)}: ${problem}`),
      ),
    )
  }
  if (problems.length > 0) throw new SluiceError('output_invalid', { message: problems.join('; ') })
}

const renditionOf = (plan: VideoPlan | null, { name }: Ends) => plan?.renditions.find((one) => one.name === name)

function initProblems({ end, plan }: { end: Ends; plan: VideoPlan | null }): string[] {
  const { name } = end
  const { codec, width, height } = readInit(end.init)
  const rendition = renditionOf(plan, end)
  const planned = plan && rendition ? codecOf(plan.encoder) : soundCodec
  return [
    ...(codec === end.codec && planned.test(codec) ? [] : [`${name} is ${codec}, and was said to be ${end.codec}`]),
    ...(rendition && (width !== rendition.width || height !== rendition.height)
      ? [`${name} is ${width}x${height}, ${rendition.width}x${rendition.height} was planned`]
      : []),
  ]
}

type Pictures = { plan: VideoPlan; rendition: Rendition; first: string; last: string }

/** The very first picture, and all from the last keyframe on. */
function pictureChecks({ plan, rendition, first, last }: Pictures): Check[] {
  const { grid, fps } = plan
  const frame = framesToSeconds(1, fps)
  const inLast = grid.frames - (grid.segments - 1) * grid.segmentFrames
  const keyframe = Math.floor((inLast - 1) / grid.gop) * grid.gop
  const right = ({ count, width, height, ...times }: Decoded, at: 'first' | 'last', number: number) => {
    if (count === 0) return ['no picture decodes']
    const off = (times[at] ?? Number.NaN) - baseOf(plan) - number * frame
    return [
      ...(Math.abs(off) < frame / 2 ? [] : [`its ${at} picture is ${off} s off`]),
      ...(width === rendition.width && height === rendition.height ? [] : [`its pictures are ${width}x${height}`]),
    ]
  }
  // Half a frame late, so that rounding cannot send it to the keyframe before.
  const from = keyframe > 0 ? { from: (keyframe + 0.5) * frame } : {}
  const wanted = inLast - keyframe
  return [
    { sample: { file: first, media: 'video', length: frame / 2 }, problems: (made) => right(made, 'first', 0) },
    {
      sample: { file: last, media: 'video', ...from },
      problems: (made) => [
        ...right(made, 'last', grid.frames - 1),
        ...(made.count === wanted ? [] : [`${made.count} of ${wanted} pictures decode`]),
      ],
    },
  ]
}

const soundChecks = ({ first, last }: { first: string; last: string }): Check[] =>
  [first, last].map((file) => ({
    sample: { file, media: 'audio' },
    problems: ({ count, rate }) => (count > 0 && rate === 48_000 ? [] : [`${count} pieces of sound at ${rate} Hz`]),
  }))

/** What we made ourselves and cannot read is no fault of the source. */
async function decode(options: { samples: Sample[]; tools: MediaTools; scratch: string; signal: AbortSignal }) {
  const { samples, tools, scratch, signal } = options
  try {
    const args = checkArgs(samples)
    return (await runFfmpegToBuffer({ tools, args, cwd: scratch, signal, maxBytes: 4 * 2 ** 20 })).toString('utf8')
  } catch (cause) {
    if (!(cause instanceof SluiceError) || !['corrupt_media', 'encoder_failed'].includes(cause.code)) throw cause
    throw new SluiceError('output_invalid', { message: `what was made does not decode: ${cause.message}`, cause })
  }
}
