import type { Markdown } from './markdown.ts'

export type CodeBlock = { path: string; language: string; text: string }

/** Every fenced block of a page that is code: what a reader would copy, and run or build in. */
export function codeBlocks({ path, text }: Markdown): CodeBlock[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => {
    return { path, language, text: block }
  })
}

/** Those of all pages that no page shows by itself: what is shown is run with its page. */
export const onlyInHelp = (pages: Markdown[]): string[] => {
  const shown = pages.flatMap(codeBlocks).filter(({ language }) => language === 'sh')
  return pages.flatMap(helpExamples).filter((line) => !shown.some(({ text }) => text.trim() === line))
}

/** The commands that the help texts of the command line give as examples, without the words behind them. */
function helpExamples(page: Markdown): string[] {
  return codeBlocks(page)
    .flatMap(({ text }) => /^Examples?:\n((?: {2}.+\n)+)/m.exec(text)?.[1] ?? [])
    .flatMap((lines) => lines.trimEnd().split('\n'))
    .map((line) => line.trim().replace(/ {2,}.*$/, ''))
}
