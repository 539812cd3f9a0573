import { averageRate, peakRate } from './bandwidth.ts'
import type { Track } from './hls-facts.ts'
import { mediaPlaylist, type PlaylistState } from './playlists.ts'
import { soundTrack, soundSegmentSeconds as target } from './sound-plan.ts'

type File = { key: string; text: string }

/** The two lists of a recording as far as it is made: of its segments, and the master that names no picture. */
export function soundPlaylists({ init, segments }: Track, state: PlaylistState): { media: File; master: File } {
  const uris = segments.map(({ key, seconds }) => ({ uri: baseName(key), seconds }))
  const rates = `BANDWIDTH=${Math.ceil(peakRate({ segments, target }))},AVERAGE-BANDWIDTH=${Math.ceil(averageRate(segments))}`
  const master = [
    ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'],
    ...[`#EXT-X-STREAM-INF:${rates},CODECS="${init.codec}"`, `${soundTrack}/playlist.m3u8`, ''],
  ]
  return {
    media: {
      key: `hls/${soundTrack}/playlist.m3u8`,
      text: mediaPlaylist({ segments: uris, init: baseName(init.key), target, state }),
    },
    master: { key: 'hls/master.m3u8', text: master.join('\n') },
  }
}

const baseName = (key: string) => key.slice(key.lastIndexOf('/') + 1)
