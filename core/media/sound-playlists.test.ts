import { expect, test } from 'vitest'
import { soundPlaylists } from './sound-playlists.ts'

const track = {
  name: 'audio-1',
  init: { key: 'hls/audio-1/init-abc.mp4', sha256: 'abc', bytes: 700, codec: 'mp4a.40.2' },
  segments: [0, 1].map((number) => ({
    ...{ key: `hls/audio-1/1-${number}.m4s`, number, bytes: 64_000 + number * 1000 },
    ...{ start: number * 4, seconds: 4, frames: 188 },
  })),
}

test('a recording has a master of one rendition without pictures', () => {
  expect(soundPlaylists(track, 'vod').master).toEqual({
    key: 'hls/master.m3u8',
    text:
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n' +
      '#EXT-X-STREAM-INF:BANDWIDTH=130000,AVERAGE-BANDWIDTH=129000,CODECS="mp4a.40.2"\naudio-1/playlist.m3u8\n',
  })
})

test('its list grows from the beginning, and ends when all is there', () => {
  const growing = soundPlaylists(track, 'event').media
  expect(growing.key).toBe('hls/audio-1/playlist.m3u8')
  expect(growing.text).toContain('#EXT-X-TARGETDURATION:4\n')
  expect(growing.text).toContain(
    '#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0\n#EXT-X-MAP:URI="init-abc.mp4"',
  )
  expect(growing.text).not.toContain('ENDLIST')
  expect(soundPlaylists(track, 'vod').media.text).toMatch(/#EXTINF:4\.000000,\n1-1\.m4s\n#EXT-X-ENDLIST\n$/)
})
