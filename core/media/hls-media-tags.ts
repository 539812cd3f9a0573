import { characteristicsOf } from './purpose.ts'
import type { TextFile } from './text-tracks.ts'
import type { AudioTrack, VideoPlan } from './video-plan.ts'

/** A stranger's words between quotes: nothing in them ends the value or the line. */
const quoted = (text: string) =>
  `"${text
    .toWellFormed()
    .replace(/[\p{Control}\p{Zl}\p{Zp}"]+/gu, ' ')
    .trim()}"`

const yes = (it: boolean) => (it ? 'YES' : 'NO')

type Attributes = Record<string, string | undefined>

function mediaTag(attributes: Attributes): string {
  const written = Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
  return `#EXT-X-MEDIA:${written.join(',')}`
}

const maybeQuoted = (text: string | undefined) => (text === undefined ? undefined : quoted(text))

/** The master's lines for the sound tracks, one group of them; one of them plays where the viewer chose nothing. */
export function soundTags(tracks: readonly AudioTrack[]): string[] {
  const first = Math.max(
    0,
    tracks.findIndex((track) => track.default),
  )
  return tracks.map((track, n) =>
    mediaTag({
      ...{ TYPE: 'AUDIO', 'GROUP-ID': '"audio"', NAME: quoted(track.label), LANGUAGE: maybeQuoted(track.language) },
      // What talks about the film is never chosen by language alone.
      ...{ DEFAULT: yes(n === first), AUTOSELECT: yes(n === first || !track.commentary) },
      CHARACTERISTICS: maybeQuoted(characteristicsOf(track)),
      ...{ CHANNELS: `"${track.channels}"`, URI: quoted(`${track.name}/playlist.m3u8`) },
    }),
  )
}

/** The master's lines for the text tracks. None is on by itself but what translates single lines, which players choose by the sound's language. */
export function textTags(texts: readonly TextFile[]): string[] {
  return texts.map(({ track }) =>
    mediaTag({
      ...{ TYPE: 'SUBTITLES', 'GROUP-ID': '"subs"', NAME: quoted(track.label), LANGUAGE: maybeQuoted(track.language) },
      ...{ DEFAULT: 'NO', AUTOSELECT: yes(!track.commentary), FORCED: yes(track.forced === true) },
      CHARACTERISTICS: maybeQuoted(characteristicsOf(track)),
      URI: quoted(`${track.name}/playlist.m3u8`),
    }),
  )
}

/** One file for the whole length, final from the first moment on; text alone may have a target duration of its own (RFC 8216, 6.2.4). */
export function textPlaylist({ key }: TextFile, { duration }: VideoPlan): string {
  const target = Math.max(1, Math.ceil(duration))
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${target}`, '#EXT-X-MEDIA-SEQUENCE:0'],
    ...['#EXT-X-PLAYLIST-TYPE:VOD', `#EXTINF:${duration.toFixed(6)},`, key.slice(key.lastIndexOf('/') + 1)],
    ...['#EXT-X-ENDLIST', ''],
  ].join('\n')
}
