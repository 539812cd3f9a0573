type Options = { sampleRate: number; layout: 'mono' | 'stereo' }

/** No stretch of silence is computed at once that is longer than this: aresample holds all of one in memory. */
const longestStep = 10

/**
 * Sound from 0 on and without holes, as its times say. Into a long hole goes a sample of silence every ten seconds,
 * and aresample fills the small holes that are left; where there is no long one nothing is added.
 */
export function withoutGaps({ sampleRate, layout }: Options): string {
  const whole = `aresample=${sampleRate},aformat=sample_fmts=fltp:channel_layouts=${layout}`
  const single = `anullsrc=r=${sampleRate}:cl=${layout}:n=1,asetpts=N*${longestStep}/TB,aformat=sample_fmts=fltp`
  const sinceLast = 't-max(prev_selected_t,0)'
  return [
    `${whole}[heard];${single}[ticks];[heard][ticks]ainterleave=duration=first`,
    // It counts microseconds, and in older versions does not say so.
    'asetpts=round(PTS/1000000/TB)',
    `aselect='gt(samples_n,1)+gt(${sinceLast},${longestStep})'`,
    `aresample=${sampleRate}:async=1:min_hard_comp=0.1:first_pts=0`,
    `aformat=channel_layouts=${layout}`,
  ].join(',')
}
