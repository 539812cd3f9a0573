import { Counter, Histogram, type Registry } from 'prom-client'
import { buckets } from '../core/metrics/registry.ts'

/** How ffmpeg does, and what comes in from addresses. */
export function encodeMeters(registry: Registry) {
  const registers = [registry]
  const runs = new Histogram({
    name: 'sluice_ffmpeg_run_duration_seconds',
    help: 'How long runs of ffmpeg took, by the kind of task that wanted them, and whether they ended ok or failed.',
    labelNames: ['kind', 'end'],
    buckets: buckets.work,
    registers,
  })
  const media = new Counter({
    name: 'sluice_encode_media_seconds_total',
    help: 'Seconds of video that were encoded in all their renditions. Divided by the time that took it is the speed.',
    registers,
  })
  const wall = new Counter({
    name: 'sluice_encode_seconds_total',
    help: 'Seconds that encoders of video ran, added up over all that ran at once.',
    registers,
  })
  const fetched = new Counter({
    name: 'sluice_fetched_bytes_total',
    help: 'Bytes of sources that were fetched from addresses.',
    registers,
  })
  return {
    media: {
      ffmpegRan: (kind: string, ms: number, end: 'ok' | 'failed') => runs.observe({ kind, end }, ms / 1_000),
      encoded(mediaSeconds: number, ms: number) {
        media.inc(mediaSeconds)
        wall.inc(ms / 1_000)
      },
      fetched: (bytes: number) => fetched.inc(bytes),
    },
  }
}
