/**
 * @typedef {{ from: number, to: number, url: string, x: number, y: number, width: number, height: number }} Tile
 */

/**
 * The tiles that a storyboard's WebVTT names; what is no cue is passed over.
 * @param {string} vtt
 * @param {string} base where it lies
 * @returns {Tile[]}
 */
export function tilesOf(vtt, base) {
  const cues = vtt.matchAll(/^([\d:.]+) --> ([\d:.]+)[^\n]*\r?\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/gm)
  return [...cues].map(([, from = '', to = '', file = '', ...numbers]) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number)
    return { from: secondsOf(from), to: secondsOf(to), url: new URL(file, base).href, x, y, width, height }
  })
}

/** @param {string} text as in 01:02:03.500 or 02:03.500 */
const secondsOf = (text) => text.split(':').reduce((sum, part) => 60 * sum + Number(part), 0)

/** The picture for a moment. @param {Tile[]} tiles @param {number} seconds */
export const tileAt = (tiles, seconds) => tiles.find(({ to }) => seconds < to) ?? tiles.at(-1)

/** Without a storyboard a bar is a bar. @param {string} url @returns {Promise<Tile[]>} */
export async function loadTiles(url) {
  const answer = await fetch(url).catch(() => undefined)
  return answer?.ok ? tilesOf(await answer.text(), new URL(url, location.href).href) : []
}
