import { builtInProfiles } from '../../core/media/built-in-profiles.ts'
import type { Profile } from '../../core/media/profile.ts'
import { table } from './table.ts'

type Row = [what: string, cell: (profile: Profile) => string]

const onOff = (on: boolean) => (on ? 'yes' : 'no')
const short = (bitrate: number) => `${bitrate / 1_000_000} Mb/s`

const rows: Row[] = [
  [
    '`video.ladder`',
    ({ video }) =>
      video === false
        ? 'off'
        : video.ladder.map(({ shortSide, maxBitrate }) => `${shortSide}p ${short(maxBitrate)}`).join('<br>'),
  ],
  ['`video.preset`', ({ video }) => (video === false ? 'off' : video.preset)],
  ['`video.crf`', ({ video }) => (video === false ? 'off' : String(video.crf))],
  ['`video.maxFps`', ({ video }) => (video === false ? 'off' : String(video.maxFps))],
  ['`video.segmentSeconds`', ({ video }) => (video === false ? 'off' : String(video.segmentSeconds))],
  ['`video.chunkSeconds`', ({ video }) => (video === false ? 'off' : String(video.chunkSeconds))],
  ['`video.firstChunkSegments`', ({ video }) => (video === false ? 'off' : String(video.firstChunkSegments))],
  ['`audio.bitrate`', ({ audio }) => (audio === false ? 'off' : `${audio.bitrate / 1000} kb/s`)],
  ['`audio.maxTracks`', ({ audio }) => (audio === false ? 'off' : String(audio.maxTracks))],
  ['`audio.loudness`', ({ audio }) => (audio === false || !audio.loudness ? 'off' : `${audio.loudness} LUFS`)],
  ['`audio.hlsFrom`', ({ audio }) => (audio === false || audio.hlsFrom === false ? 'off' : `${audio.hlsFrom} s`)],
  ['`images.widths`', ({ images }) => (images === false ? 'off' : images.widths.join(', '))],
  ['`images.formats`', ({ images }) => (images === false ? 'off' : images.formats.join(', '))],
  [
    '`images.web`',
    ({ images }) =>
      images === false || images.web === false ? 'off' : `${images.web.longSide} px, ${images.web.maxBytes / 1000} KB`,
  ],
  ['`images.tiff`', ({ images }) => (images === false ? 'off' : onOff(images.tiff === true))],
  ['`thumbnails.fit`', ({ thumbnails }) => (thumbnails === false ? 'off' : thumbnails.fit)],
  ['`poster`', ({ poster }) => onOff(poster)],
  ['`storyboard`', ({ storyboard }) => onOff(storyboard)],
  ['`waveform`', ({ waveform }) => onOff(waveform)],
  ['`subtitles`', ({ subtitles }) => onOff(subtitles)],
  ['`mp4.shortSide`', ({ mp4 }) => (mp4 === false ? 'off' : String(mp4.shortSide))],
]

/** The built-in profiles side by side. */
export function profilesTable(): string {
  return table({
    head: ['wish', ...builtInProfiles.map(({ name }) => `\`${name}\``)],
    rows: rows.map(([what, cell]) => [what, ...builtInProfiles.map(cell)]),
  })
}
