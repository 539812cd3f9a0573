import type { UploadFields } from './upload.ts'

/** What an asset is to be, as tus says it: texts alone. */
export function tusMetadata(fields: UploadFields): Record<string, string> {
  const { metadata = {}, filename, kind, profile, externalId, priority, visibility } = fields
  const said = { filename, kind, profile, externalId, priority, visibility }
  const own = Object.entries(metadata).map(([name, value]): [string, unknown] => [`metadata.${name}`, value])
  const texts = [...Object.entries(said), ...own].flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)] as const],
  )
  return Object.fromEntries(texts)
}
