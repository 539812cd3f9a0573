import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadersMachine } from './readers-machine.ts'
import { runPage } from './run-page.ts'
import type { Seen } from './stand-ins.ts'

/**
 * The examples of the help texts, two at a time. What makes all assets anew comes while there are few; then what wants one that failed,
 * and what adds some.
 */
export async function runExamples(examples: string[], machine: ReadersMachine, seen: Seen): Promise<void> {
  const { client } = machine.house
  const lane = (wanted: RegExp, id = seen.id) => {
    const text = examples.filter((line) => wanted.test(line)).join('\n')
    return runPage([{ path: 'docs/cli.md', language: 'sh', text }], machine, { ...seen, id })
  }
  await writeFile(join(machine.folder, 'ids.txt'), `${seen.id}\n`)
  await Promise.all([lane(/sluice reprocess/), lane(/^(?!.*sluice (reprocess|requeue|ingest|adopt))/)])
  const { id } = await client.uploadFile(new Blob(['no media']), { filename: 'notes.txt' })
  await client.waitUntilReady(id).catch(() => undefined)
  await Promise.all([lane(/sluice requeue/, id), lane(/sluice (ingest|adopt)/)])
}
