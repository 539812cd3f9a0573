import { type Look, runFfprobe } from './run-ffprobe.ts'

const looked = 120

/** How many of a stream's first packets are keyframes, 0 to 1: all of them in what cameras and editors call intra. */
export async function keyframeShare({ index, ...look }: Look & { index: number }): Promise<number> {
  const args = [
    ...['-select_streams', String(index), '-read_intervals', `%+#${looked}`],
    ...['-show_entries', 'packet=flags', '-of', 'csv=p=0'],
  ]
  const { printed } = await runFfprobe({ ...look, args, answer: { maxBytes: 64 * 1024 } })
  const flags = printed.split('\n').filter((line) => line !== '')
  return flags.length === 0 ? 0 : flags.filter((line) => line.startsWith('K')).length / flags.length
}
