import { SluiceError } from '../../core/errors.ts'
import { audioArgs } from '../../core/media/audio-args.ts'
import { baseOf, type VideoPlan } from '../../core/media/video-plan.ts'
import type { MediaTools } from '../edges/tools.ts'
import { audioProblems } from '../publish/verify-audio.ts'
import type { PutFile, Workbench } from '../task.ts'
import { encodeLimits, encodeSegments, memoryLimit } from '../video/encode-segments.ts'
import type { SegmentLedger } from '../video/segment-ledger.ts'

type Options = {
  plan: VideoPlan
  attempt: number
  sourcePath: string
  tools: MediaTools
  bench: Workbench
  put: PutFile
  ledger: SegmentLedger
  /** What was set aside for it. */
  memory?: number | undefined
}

/**
 * Encodes the sound of a video, every track whole, on the pictures' timeline, and publishes segments as they come: all
 * tracks in step, since a viewer can start when each has begun. Tried again it runs from the beginning, because sound
 * may not be cut: what is there already is made alike and left out.
 */
export async function encodeAudio(options: Options): Promise<void> {
  const { plan, attempt, sourcePath, tools, bench, put, ledger, memory } = options
  const names = plan.audio.map(({ name }) => name)
  await encodeSegments({
    ...{ tools, bench, put, ledger, names },
    already: await ledger.made({ names }),
    args: audioArgs({ plan, sourcePath, scratch: bench.scratch }),
    mark: String(attempt),
    // Sound has no grid of its own to be held to before it is whole.
    check: () => undefined,
    limits: {
      ...encodeLimits({ seconds: plan.duration * names.length, pixels: 0 }),
      ...memoryLimit({ memory, cpus: tools.cpus, outputs: names.length }),
    },
    fraction: ({ seconds }) => (seconds === undefined ? undefined : (seconds - baseOf(plan)) / plan.duration),
  })
  const made = await ledger.made({ names })
  const problems = names.flatMap((name) => {
    const track = made.find((one) => one.name === name)
    return track ? audioProblems({ plan, track }) : [`no ${name} was made`]
  })
  if (problems.length > 0) throw new SluiceError('output_invalid', { message: problems.join('; ') })
}
