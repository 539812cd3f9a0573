import type { Markdown } from './markdown.ts'

export type CurlCall = {
  line: string
  url: string
  headers: [string, string][]
  form: [string, string][]
  body?: string
}

/** The curl commands of a page, one for each that stands by itself, so that a test can send what a reader would. */
export function curlCalls({ text }: Markdown): CurlCall[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block.replaceAll('\\\n', ' '))
  return blocks.flatMap((block) => block.split('\n').filter((line) => line.startsWith('curl '))).map(readCall)
}

function readCall(line: string): CurlCall {
  const call: CurlCall = { line, url: '', headers: [], form: [] }
  const words = shellWords(line).slice(1)
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-F') call.form.push(pair(words.shift(), '='))
    else if (word === '-H') call.headers.push(pair(words.shift(), ': '))
    else if (word === '-d') call.body = words.shift() ?? ''
    else if (word.startsWith('http')) call.url = word
    else throw new Error(`this test does not know "${word}" in: ${line}`)
  }
  return call
}

function pair(text = '', by: string): [string, string] {
  const at = text.indexOf(by)
  return [text.slice(0, at), text.slice(at + by.length)]
}

/** As a shell takes a simple line apart: by spaces, but for what single quotes hold together. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
}
