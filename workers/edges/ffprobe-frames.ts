import { type Look, runFfprobe } from './run-ffprobe.ts'

/** When a stream's first picture is shown by its decoder, which for containers without times of showing is later than its packet says. */
export async function firstShown({ index, ...look }: Look & { index: number }): Promise<number | undefined> {
  const args = [
    ...['-select_streams', String(index), '-read_intervals', '%+#32'],
    ...['-show_entries', 'frame=best_effort_timestamp_time', '-of', 'csv=p=0'],
  ]
  const { printed } = await runFfprobe({ ...look, args, answer: { maxBytes: 64 * 1024 } })
  const shown = Number.parseFloat(printed)
  return Number.isFinite(shown) ? shown : undefined
}
