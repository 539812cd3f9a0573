import type { Size } from './renders.ts'

/** One sprite: which tiles are on it, and how they lie. */
export type Sheet = Size & { file: string; firstTile: number; tiles: number; columns: number }

const columnsAtMost = 10
const rowsAtMost = 10

/** Tiles in rows of ten, a hundred to a sheet; the last sheet is as large as what is on it. */
export function layOut({ count, tile }: { count: number; tile: Size }): Sheet[] {
  const perSheet = columnsAtMost * rowsAtMost
  return Array.from({ length: Math.ceil(count / perSheet) }, (_, n) => {
    const firstTile = n * perSheet
    const tiles = Math.min(perSheet, count - firstTile)
    const columns = Math.min(columnsAtMost, tiles)
    const rows = Math.ceil(tiles / columns)
    return {
      file: `sprite-${n}.jpg`,
      firstTile,
      tiles,
      columns,
      width: columns * tile.width,
      height: rows * tile.height,
    }
  })
}

/** Where a tile lies on its sheet. */
export function placeOf({ sheet, tile, size }: { sheet: Sheet; tile: number; size: Size }) {
  const at = tile - sheet.firstTile
  return { x: (at % sheet.columns) * size.width, y: Math.floor(at / sheet.columns) * size.height }
}

/** WebVTT whose cues lie end to end from 0 to the end, each naming a part of a sheet beside it. */
export function storyboardVtt(options: {
  sheets: readonly Sheet[]
  size: Size
  interval: number
  duration: number
}): string {
  const { sheets, size, interval, duration } = options
  const count = sheets.reduce((sum, sheet) => sum + sheet.tiles, 0)
  const cues = sheets.flatMap((sheet) =>
    Array.from({ length: sheet.tiles }, (_, n) => {
      const tile = sheet.firstTile + n
      const { x, y } = placeOf({ sheet, tile, size })
      const end = tile === count - 1 ? duration : (tile + 1) * interval
      const times = `${timestamp(tile * interval)} --> ${timestamp(end)}`
      return `${times}\n${sheet.file}#xywh=${x},${y},${size.width},${size.height}\n`
    }),
  )
  return ['WEBVTT\n', ...cues].join('\n')
}

function timestamp(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  const pad = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0')
  return `${pad(ms / 3_600_000, 2)}:${pad((ms / 60_000) % 60, 2)}:${pad((ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`
}
