/** What ffmpeg says of itself, twice a second. Timestamps include the plan's base. */
export type Progress = { frame?: number; seconds?: number; bytes?: number }

/** Reads the `key=value` lines of `-progress`; each block ends with `progress=`. */
export function progressReader(onProgress: (progress: Progress) => void): (text: string) => void {
  let rest = ''
  let values: Record<string, number> = {}
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(-256)
    for (const line of lines) {
      const [key = '', value = ''] = line.split('=', 2)
      const parsed = Number(value.trim())
      if (key === 'progress') {
        onProgress(progressOf(values))
        values = {}
      } else if (value.trim() !== '' && Number.isFinite(parsed)) values[key] = parsed
    }
  }
}

function progressOf(values: Record<string, number>): Progress {
  const { frame, out_time_us: microseconds, total_size: bytes } = values
  return {
    ...(frame === undefined ? {} : { frame }),
    ...(microseconds === undefined ? {} : { seconds: microseconds / 1e6 }),
    ...(bytes === undefined ? {} : { bytes }),
  }
}
