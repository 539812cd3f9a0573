import { expect, test } from 'vitest'
import { tileAt, tilesOf } from './storyboard.js'

const vtt = `WEBVTT

00:00:00.000 --> 00:00:05.000
storyboard-1.jpg#xywh=0,0,160,90

01:00:05.500 --> 01:00:10.000
storyboard-2.jpg#xywh=160,90,160,90

nonsense --> more
x
`

test('a storyboard is read as it is written, and a moment finds its tile', () => {
  const tiles = tilesOf(vtt, 'https://media.example/t/a/g1/storyboard.vtt')
  expect(tiles).toHaveLength(2)
  expect(tileAt(tiles, 3)).toMatchObject({ url: 'https://media.example/t/a/g1/storyboard-1.jpg', x: 0, y: 0 })
  expect(tileAt(tiles, 3_606)).toMatchObject({ from: 3_605.5, x: 160, y: 90, width: 160, height: 90 })
  expect(tileAt(tiles, 9_999)).toBe(tiles[1])
  expect(tileAt([], 1)).toBeUndefined()
})
