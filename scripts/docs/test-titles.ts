/** The titles of the tests in a source file, as they are written there: those of tables with their `%s`. What is skipped or to do does not count. */
export function testTitles(source: string): string[] {
  const found: string[] = []
  for (const call of source.matchAll(/^[ \t]*(?:it|test)\b/gm)) {
    const title = titleAfter(source, call.index + call[0].length)
    if (title !== undefined) found.push(title)
  }
  return found
}

/** Goes over `.each(…)`, `.for(…)` and the like to the brackets whose first word is the title. */
function titleAfter(source: string, start: number): string | undefined {
  let at = start
  for (;;) {
    const [whole, name] = /^\s*\.(\w+)/.exec(source.slice(at, at + 100)) ?? []
    if (whole === undefined) break
    if (name === 'skip' || name === 'todo') return undefined
    at += whole.length
    if (name === 'each' || name === 'for' || name === 'skipIf' || name === 'runIf') at = pastBrackets(source, at)
  }
  const quoted = /^\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/.exec(source.slice(at, at + 1_000))
  return (quoted?.[1] ?? quoted?.[2])?.replace(/\\(.)/g, '$1')
}

/** To behind the bracket that closes the one at this place; brackets in texts, patterns and comments are none. */
function pastBrackets(source: string, open: number): number {
  const token =
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=[(,=:[!&|?{};\n]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|[()]/g
  token.lastIndex = open
  let depth = 0
  for (let match = token.exec(source); match; match = token.exec(source)) {
    if (match[0] === '(') depth += 1
    if (match[0] === ')') depth -= 1
    if (depth === 0) return match.index + 1
  }
  return source.length
}
