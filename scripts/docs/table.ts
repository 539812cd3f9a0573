/** A Markdown table with its columns padded, as the formatter wants it. */
export function table({ head, rows }: { head: string[]; rows: string[][] }): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, at) => Math.max(3, ...cells.map((row) => [...(row[at] ?? '')].length)))
  const line = (row: string[]) => `| ${row.map((cell, at) => pad(cell, widths[at] ?? 3)).join(' | ')} |`
  const [first = [], ...rest] = cells
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n')
}

const pad = (cell: string, width: number) => cell + ' '.repeat(width - [...cell].length)
