/** Rows as a table of plain text. What others wrote into them moves no cursor and colours nothing. */
export function columns(rows: string[][]): string {
  const shown = rows.map((row) => row.map((cell) => cell.replace(/\p{Control}|\p{Format}/gu, '')))
  const widths = (shown[0] ?? []).map((_, at) => Math.max(...shown.map((row) => row[at]?.length ?? 0)))
  return shown
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
