import { SluiceError } from '../../core/errors.ts'
import { soundTrack } from '../../core/media/sound-plan.ts'
import { orderProblems } from '../publish/verify-order.ts'
import type { SegmentLedger } from '../video/segment-ledger.ts'

/** One frame of AAC may stand before the beginning, and the last one is whole. */
const tolerance = 0.06

/** Throws unless the segments follow each other from the beginning, and last as long as what was heard. */
export async function verifySegments({ ledger, seconds }: { ledger: SegmentLedger; seconds: number }): Promise<void> {
  const [track] = await ledger.made({ names: [soundTrack] })
  const first = track?.segments[0]
  const last = track?.segments.at(-1)
  if (!track || !first || !last) throw new SluiceError('output_invalid', { message: 'no segments were made' })
  const length = last.start + last.seconds - first.start
  const problems = [
    ...orderProblems(track),
    ...(Math.abs(length - seconds) <= tolerance ? [] : [`the segments last ${length} s, the sound ${seconds} s`]),
  ]
  if (problems.length > 0) throw new SluiceError('output_invalid', { message: problems.slice(0, 10).join('; ') })
}
