import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testTitles } from '../docs/test-titles.ts'
import { type Mutation, testOf } from './mutation.ts'

/** What is wrong with the rows themselves, each as a sentence: a text that is no longer there, a test that nobody finds. */
export async function faultsOf(rows: readonly Mutation[], { root }: { root: string }): Promise<string[]> {
  return (await Promise.all(rows.map((row) => faultsOfRow(row, root)))).flat()
}

async function faultsOfRow(row: Mutation, root: string): Promise<string[]> {
  const { file, written, title } = testOf(row)
  const absent = [row.file, file, written].filter((path) => !existsSync(join(root, path)))
  if (absent.length > 0) return absent.map((path) => `${row.without}: there is no ${path}`)
  const read = (path: string) => readFile(join(root, path), 'utf8')
  const [source, tests] = await Promise.all([read(row.file), read(written)])
  const times = source.split(row.find).length - 1
  return [
    ...(times === 1 ? [] : [`${row.without}: “${row.find}” stands ${times} times in ${row.file}`]),
    ...(source.replace(row.find, () => row.replace) === source ? [`${row.without}: nothing is changed`] : []),
    ...(testTitles(tests).includes(title) ? [] : [`${row.without}: ${written} has no test “${title}”`]),
  ]
}
