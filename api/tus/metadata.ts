import { Metadata } from '@tus/server'
import type { z } from 'zod'
import { cleanFilename } from '../../core/net/filename.ts'
import { assetFields } from '../../queues/payloads.ts'
import { invalid, parseInput } from '../parse.ts'

export type UploadWishes = z.infer<typeof fields> & { filename: string | undefined; filetype: string | undefined }

const fields = assetFields.pick({
  kind: true,
  profile: true,
  externalId: true,
  metadata: true,
  priority: true,
  visibility: true,
})
const plain = ['kind', 'profile', 'externalId', 'priority', 'visibility'] as const
const ownPrefix = 'metadata.'

/**
 * What `Upload-Metadata` says of the asset to be. Keys that are not ours are the client's own affair: they are given back
 * as they came, and otherwise passed over. Uppy calls the file's name `name`, and its type `type`.
 */
export function uploadWishes(header: string | undefined): UploadWishes {
  const said = header === undefined || header.trim() === '' ? new Map<string, string>() : decoded(header)
  const own = [...said].filter(([key]) => key.startsWith(ownPrefix))
  const wished = parseInput(fields, {
    ...Object.fromEntries(plain.map((key) => [key, said.get(key)])),
    ...(own.length > 0 && {
      metadata: Object.fromEntries(own.map(([key, text]) => [key.slice(ownPrefix.length), text])),
    }),
  })
  return {
    ...wished,
    filename: cleanFilename(said.get('filename') ?? said.get('name')),
    filetype: said.get('filetype') ?? said.get('type'),
  }
}

/** Pairs with a value; browsers send empty ones for what nobody filled in. */
function decoded(header: string): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const pair of checked(header).split(',')) {
    const [key = '', base64 = ''] = pair.split(' ')
    const text = textOf(key, Buffer.from(base64, 'base64'))
    if (text !== '') pairs.set(key, text)
  }
  return pairs
}

function checked(header: string): string {
  try {
    Metadata.parse(header)
    return header
  } catch {
    throw refused('wants pairs of a key and a value in base64, by comma, each key once')
  }
}

function textOf(key: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refused(`the value of ${key.slice(0, 40)} is not UTF-8`)
  }
}

const refused = (message: string) => invalid([{ path: 'Upload-Metadata', message }])
