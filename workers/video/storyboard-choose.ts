import { SluiceError } from '../../core/errors.ts'
import type { VideoInfo } from '../../core/media/media-info.ts'
import { type StoryboardPlan, slower, tileCount } from '../../core/media/storyboard.ts'
import { assignTiles, gapOf, type Stretch } from '../../core/media/storyboard-tiles.ts'
import { affordableSeconds } from './stills-args.ts'
import type { PictureSearch, TilePicture } from './storyboard-pictures.ts'

/** From here on a pass over all keyframes costs more than a jump to each tile. */
const manyKeyframes = 1 / 8
/** So many tiles may show a moment that is not quite theirs. */
const staleAtMost = 0.1

type Options = {
  video: VideoInfo
  plan: StoryboardPlan
  search: PictureSearch
  /** Of the first packets, how many are keyframes. */
  keyframeShare: number
  signal: AbortSignal
}

/**
 * The picture for each tile. Keyframes alone where they stand close enough; frame by frame where they do not and that
 * is affordable; else at the beat that the keyframes allow. Never a beat that the pictures do not keep.
 */
export async function chooseTiles(options: Options): Promise<{ interval: number; tiles: TilePicture[] }> {
  const { video, plan, search, signal } = options
  let { interval } = plan
  const pictures = await keyframes(options)
  const watched: Stretch[] = []
  for (;;) {
    const look = () =>
      assignTiles({ times: pictures.map(({ time }) => time), watched, interval, duration: plan.duration })
    let { tiles, stale } = look()
    const gap = gapOf({ stale, times: pictures.map(({ time }) => time), interval })
    if (gap !== undefined && watched.length === 0 && gap.cost <= affordableSeconds(video)) {
      const found = await attempt(() => search({ search: { kind: 'frames', ...gap }, interval }), signal)
      pictures.push(...found)
      if (found.length > 0) watched.push({ from: Math.min(...found.map(({ time }) => time)), to: gap.to })
      ;({ tiles, stale } = look())
    }
    if (stale.length <= tiles.length * staleAtMost) {
      return { interval, tiles: tiles.flatMap((index) => pictures[index] ?? []) }
    }
    const next = slower({ interval, duration: plan.duration })
    if (next === undefined) {
      throw new SluiceError('output_invalid', {
        message: `${stale.length} of ${tiles.length} tiles have no picture near them`,
        fate: 'give_up',
      })
    }
    interval = next
  }
}

async function keyframes({ plan, search, keyframeShare, signal }: Options): Promise<TilePicture[]> {
  const { interval } = plan
  if (keyframeShare < manyKeyframes) return search({ search: { kind: 'keyframes' }, interval })
  const pictures: TilePicture[] = []
  for (let tile = 0; tile < tileCount(plan); tile++) {
    const at = tile * interval
    pictures.push(...(await attempt(() => search({ search: { kind: 'keyframe', at }, interval }), signal)))
  }
  return pictures
}

/** One broken stretch must not cost the video its storyboard: its tiles are told apart by having no picture. */
async function attempt(find: () => Promise<TilePicture[]>, signal: AbortSignal): Promise<TilePicture[]> {
  try {
    return await find()
  } catch (failure) {
    if (signal.aborted || !(failure instanceof SluiceError) || failure.code === 'no_space') throw failure
    return []
  }
}
