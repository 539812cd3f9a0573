/** One subtitle: seconds from the beginning, words, and where on the picture they stand. */
export type Cue = { start: number; end: number; text: string; settings: string }

const timing = /^((?:\d{2,4}:)?\d\d:\d\d\.\d{3}) --> ((?:\d{2,4}:)?\d\d:\d\d\.\d{3})(.*)$/
const setting = /^(?:(?:line|position|size):[\d.,%a-z-]{1,30}|align:[a-z]{3,6}|vertical:[rl]{2})$/

/** Reads WebVTT as ffmpeg writes it. What follows an empty line without a time of its own still belongs to the cue before. */
export function readWebVtt(file: string): Cue[] {
  const cues: Cue[] = []
  const [, ...blocks] = file
    .replace(/\r\n?/g, '\n')
    .trimEnd()
    .split(/\n{2,}/)
  for (const block of blocks) {
    const lines = block.split('\n')
    const at = lines.findIndex((line) => timing.test(line))
    const [, from = '', to = '', rest = ''] = timing.exec(lines[at] ?? '') ?? []
    const text = lines.slice(at + 1).join('\n')
    const last = cues.at(-1)
    if (at >= 0) cues.push({ start: toSeconds(from), end: toSeconds(to), text, settings: settingsOf(rest) })
    else if (last) last.text += `\n${text}`
  }
  return cues
}

/** `base` is where the beginning stands in the segments' own time: players hold the words against the pictures by it. */
export function writeWebVtt({ cues, base }: { cues: readonly Cue[]; base: number }): string {
  const head = `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${Math.round(base * 90_000)},LOCAL:00:00:00.000`
  const blocks = cues.map(({ start, end, text, settings }) =>
    [`${clock(start)} --> ${clock(end)}${settings && ` ${settings}`}`, text].join('\n'),
  )
  return `${[head, ...blocks].join('\n\n')}\n`
}

const settingsOf = (text: string) =>
  text
    .split(/\s+/)
    .filter((one) => setting.test(one))
    .join(' ')

function toSeconds(text: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = text.split(':').reverse().map(Number)
  return hours * 3600 + minutes * 60 + seconds
}

function clock(time: number): string {
  const all = Math.round(time * 1000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const rest = String(all % 1000).padStart(3, '0')
  return `${two(all / 3_600_000)}:${two((all / 60_000) % 60)}:${two((all / 1000) % 60)}.${rest}`
}
