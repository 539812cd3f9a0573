import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { AssetKind, AssetStatus } from '../../core/asset.ts'
import type { Selection } from '../../core/db/select-assets.ts'
import { anId, wrongUse } from '../options.ts'

export type Filters = {
  tenant?: string
  kind?: AssetKind
  status?: AssetStatus
  profile?: string
  createdBefore?: string
  createdAfter?: string
  externalId?: string
  ids?: string
  olderPipeline?: boolean
}

const choosing = [
  ...(['tenant', 'kind', 'status', 'profile', 'createdBefore', 'createdAfter'] as const),
  ...(['externalId', 'ids', 'olderPipeline', 'limit'] as const),
]

/** What a batch is of was chosen when it was begun. Whoever names more would think that it counts. */
export function refuseToChoose(options: Filters & { limit?: number }): void {
  const named = choosing.find((name) => options[name] !== undefined)
  if (named === undefined) return
  const option = `--${named.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw wrongUse('resume', `${option} does not go with --resume: what a batch is of was chosen when it was begun`)
}

/** What came to an end and is worth more: what is just being worked on is made as of today anyway. */
const usual: AssetStatus[] = ['ready', 'failed']

export async function selectionOf({ ids, status, ...filters }: Filters): Promise<Selection> {
  return {
    ...filters,
    status: status === undefined ? usual : [status],
    ...(ids !== undefined && { ids: await readIds(ids) }),
  }
}

/** One a line, or by comma; `-` is standard input. */
async function readIds(file: string): Promise<string[]> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8').catch(unreadable(file))
  return [
    ...new Set(
      content
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(anId),
    ),
  ]
}

const unreadable = (file: string) => (error: unknown) => {
  throw wrongUse('ids', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
}
