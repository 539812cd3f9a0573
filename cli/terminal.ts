import { environment } from '../core/config.ts'
import { forTerminal } from './for-terminal.ts'

/** Whether somebody looks at what goes to standard error as it comes. */
export const isWatched = () => process.stderr.isTTY === true && environment()['TERM'] !== 'dumb'

const colours = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 }

/** Colour where somebody looks at standard output, and has not said NO_COLOR. */
export function paint(colour: keyof typeof colours, text: string): string {
  const plain = environment()['NO_COLOR'] || process.stdout.isTTY !== true || environment()['TERM'] === 'dumb'
  return plain ? text : `\x1b[${colours[colour]}m${text}\x1b[0m`
}

/** A line for people, beside what programs read on standard output. */
export const note = (line: string) => void process.stderr.write(`${line}\n`)

/** One JSON document on a line of its own. */
export const printJson = (value: unknown) => console.log(JSON.stringify(value))

/** Somebody else's words, as long as there is room for them. */
export function short(text: string | null, width: number): string {
  const shown = forTerminal(text ?? '')
  return shown.length > width ? `${shown.slice(0, width - 1)}…` : shown
}

/** Whoever read us has left (`| head`): that is no failure of ours. */
export function leaveWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
      throw error
    })
}
