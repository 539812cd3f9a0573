import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Markdown = { path: string; text: string }

/** The pages for people: those of the root, and all of docs/. */
export async function readMarkdown({ root }: { root: string }): Promise<Markdown[]> {
  const docs = await readdir(join(root, 'docs'), { recursive: true })
  const paths = [...(await readdir(root)), ...docs.map((name) => `docs/${name}`)].filter((path) => path.endsWith('.md'))
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })))
}

/** Where the links and pictures of a page lead, without those to other sites. */
export function localLinks({ text }: Markdown): { to: string; anchor: string | undefined }[] {
  return [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [to = '', anchor] = link.split('#', 2)
      return { to, anchor }
    })
}

/** What can be linked to on a page: its headings, as Git hosts name them, and the anchors set by hand. */
export function anchorsOf({ text }: Markdown): string[] {
  const headings = [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]
}

/** Everything between backticks, and every line of a fenced block. */
export function codeOf({ text }: Markdown): string[] {
  const fenced = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'))
  return [...fenced, ...[...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)]
}

const withoutFences = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '')
