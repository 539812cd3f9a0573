/** The shape that audiowaveform writes and peaks.js, wavesurfer and others read: a lowest and a highest value for each point. */
export type Waveform = {
  version: 2
  channels: 1
  sample_rate: number
  samples_per_pixel: number
  bits: 8
  length: number
  data: number[]
}

/** Even: points are joined two by two. At this many, hours of sound take less than 100 KB. */
const mostPoints = 8192
const finest = 256

/**
 * Draws 16-bit sound as it streams by, in flat memory and without knowing how long it will be: when there are too many
 * points, each two become one. The channels of a frame share a point, so nothing cancels out as it would in a mix.
 */
export function waveformMeter({ channels, sampleRate }: { channels: number; sampleRate: number }) {
  const lows = new Int16Array(mostPoints)
  const highs = new Int16Array(mostPoints)
  let perPoint = finest
  let points = 0
  let total = 0
  let values = 0
  let low = 32_767
  let high = -32_768
  let half: number | undefined

  const endPoint = () => {
    if (points === mostPoints) joinPairs()
    else closePoint()
  }
  const closePoint = () => {
    lows[points] = low
    highs[points] = high
    points += 1
    low = 32_767
    high = -32_768
    values = 0
  }
  /** The point under way goes on: it is now half of a larger one. */
  const joinPairs = () => {
    for (let n = 0; n < points / 2; n++) {
      lows[n] = Math.min(lows[2 * n] ?? 0, lows[2 * n + 1] ?? 0)
      highs[n] = Math.max(highs[2 * n] ?? 0, highs[2 * n + 1] ?? 0)
    }
    points /= 2
    perPoint *= 2
  }
  const take = (value: number) => {
    if (value < low) low = value
    if (value > high) high = value
    values += 1
    if (values === perPoint * channels) endPoint()
  }

  return {
    /** Little-endian 16-bit values, in pieces of any size. */
    read(bytes: Buffer) {
      let at = 0
      if (half !== undefined && bytes.length > 0) {
        take((((bytes[0] ?? 0) << 24) >> 16) | half)
        half = undefined
        at = 1
      }
      const end = at + ((bytes.length - at) & ~1)
      total += (end - at) / 2 + (at > 0 ? 1 : 0)
      for (; at < end; at += 2) take(bytes.readInt16LE(at))
      if (end < bytes.length) half = bytes[end]
    },
    /** How long the sound was, counted. */
    seconds: () => total / channels / sampleRate,
    waveform(): Waveform {
      const open = values > 0 ? [low >> 8, high >> 8] : []
      const data = Array.from({ length: points * 2 }, (_, n) => ((n % 2 ? highs : lows)[n >> 1] ?? 0) >> 8)
      const all = [...data, ...open]
      return {
        version: 2,
        channels: 1,
        sample_rate: sampleRate,
        samples_per_pixel: perPoint,
        bits: 8,
        length: all.length / 2,
        data: all,
      }
    },
  }
}
