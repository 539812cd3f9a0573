import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../core/config.ts'
import { isId } from '../../core/ids.ts'
import { checkFolder } from '../../core/storage/check.ts'
import { openStorage } from '../../core/storage/open.ts'
import { bucketSettings } from '../../core/storage/settings.ts'
import type { Storage } from '../../core/storage/storage.ts'
import { wrongUse } from '../options.ts'

export type Found = { object: string; name: string; bytes: number }
export type Place = { list(): AsyncIterable<Found>; close(): Promise<void> }

/** What lies at `s3://bucket/prefix` or in a folder, in the words in which an asset names its source. */
export async function openPlace(config: Config, place: string): Promise<Place> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(place) ?? []
  if (bucket !== undefined) {
    const storage = await openStorage(bucketSettings(config, bucket))
    return placeIn(storage, { prefix, objectOf: (key) => `s3://${bucket}/${key}` })
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(place))
    throw wrongUse('place', `"${place}" is neither s3://bucket/prefix nor a folder`)
  const dir = await realpath(place).catch(() => {
    throw wrongUse('place', `there is no folder ${place}`)
  })
  const storage = await openStorage({ driver: 'local', dir, publicUrl: '', signingSecret: '' })
  const objectOf = (key: string) => `file:${path.join(dir, key).split(path.sep).map(encodeURIComponent).join('/')}`
  return placeIn(storage, { prefix: '', objectOf })
}

type Words = { prefix: string; objectOf: (key: string) => string }

function placeIn(storage: Pick<Storage, 'list' | 'close'>, { prefix, objectOf }: Words): Place {
  return {
    async *list() {
      for await (const { key, bytes } of storage.list(prefix))
        if (!isOurs(key)) yield { object: objectOf(key), name: key, bytes }
    },
    close: () => storage.close(),
  }
}

/** What an asset of ours keeps (`tenant/id/…`) is no new media, wherever it is met. */
const isOurs = (key: string) =>
  key.split('/').some((part, at) => at > 0 && isId(part)) || key.startsWith(`${checkFolder}/`)
