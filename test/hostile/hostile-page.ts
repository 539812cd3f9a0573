import { errorCodes } from '../../core/error-codes.ts'
import type { HostileFile } from '../../fixtures/hostile/hostile-file.ts'
import { table } from '../../scripts/docs/table.ts'
import type { Ended } from './hostile-house.ts'

export type Measured = Ended & { peakBytes: number }

const head = `# Hostile files, and what becomes of them

Made by \`HOSTILE_PAGE=write npx vitest run test/hostile.test.ts --project base\`, which makes each of these files, hands it to a worker
as a tenant of its own, and measures how many seconds of a processor it took (a worker's own work and its decoder's start
with it; the clock of a busy machine says nothing; of a harmless file that is made whole, all of that) and the most memory that all
child processes of the worker held together, decoders that wait for another picture among them. In every run the test fails when a file ends with another code than here, when one takes more than
2 s, or all of them together more than 600 MB, when anybody connects to the listener that they name, or when a word of the file that
they point to stands in any output, row or log line. ffmpeg runs without its room and with the network there, so that the lists of
formats, protocols and decoders hold alone. How each file is made stands in \`fixtures/hostile\`; the numbers of the threats are
those of [security.md](security.md). A kind of media in place of a code: the file is harmless, and taken for what it is.`

/** The page of all files, with what was measured. */
export function hostilePage(measured: ReadonlyMap<HostileFile, Measured>): string {
  const rows = [...measured].map(([file, { became, ms, peakBytes }]) => [
    ...cellsOf(file),
    `\`${became}\``,
    (ms / 1000).toFixed(2),
    String(Math.round(peakBytes / 2 ** 20)),
  ])
  const refused = [...measured].filter(([file]) => [file.becomes].flat().every((one) => Object.hasOwn(errorCodes, one)))
  const times = refused.map(([, { ms }]) => ms).sort((a, b) => a - b)
  const most = Math.max(...[...measured.values()].map(({ peakBytes }) => peakBytes))
  const s = (n: number) => ((times[n] ?? 0) / 1000).toFixed(2)
  const sum = `${rows.length} files. Of the ${times.length} that are refused, half took ${s(times.length >> 1)} s, and the slowest ${s(times.length - 1)} s; the most memory was ${Math.round(most / 2 ** 20)} MB.`
  return `${head}\n\n${sum}\n\n${table({ head: ['threat', 'file', 'what it is', 'becomes', 's', 'MB'], rows })}\n`
}

/** What is wrong with the page: files that it leaves out, or of which it says something else than the house. */
export function faultsOfPage({ page, files }: { page: string; files: readonly HostileFile[] }): string[] {
  const said = new Map(page.split('\n').map((line) => [keyOf(split(line).slice(0, 3)), split(line)[3]]))
  return files.flatMap((file) => {
    const becomes = said.get(keyOf(cellsOf(file)))
    if (becomes === undefined) return [`${file.threat} ${file.name} is not there`]
    const expected = [file.becomes].flat().map((code) => `\`${code}\``)
    return expected.includes(becomes) ? [] : [`${file.threat} ${file.name} is said to become ${becomes}`]
  })
}

const cellsOf = ({ threat, name, what }: HostileFile) => [threat, `\`${shown(name)}\``, plain(what)]
const keyOf = (cells: readonly string[]) => cells.join(' | ')
const split = (line: string) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim())

/** A name as text in a cell: what would break out of it stands as its number. */
function shown(name: string): string {
  const short = name.length > 48 ? `${name.slice(0, 44)}…` : name
  return short.replaceAll(/[^\x20-\x7e…]|[|`\\]/g, (one) => `{${one.codePointAt(0)?.toString(16)}}`)
}

const plain = (text: string) => text.replaceAll(/[<>*_`[\]|\\]/g, (one) => (one === '|' ? '{7c}' : `\\${one}`))
