import { hardFiles } from '../../fixtures/hard/all.ts'
import type { HardFile } from '../../fixtures/hard/hard-file.ts'
import { table } from '../../scripts/docs/table.ts'
import type { Ended } from './corpus-house.ts'

const head = `# Formats: what comes out of what people send

Made by \`test/formats.test.ts\`, which makes each of these files, sends it through the whole house, checks what comes out
to the frame, and fails when this page says something else. \`npm test\` takes one in twenty-four of each kind, \`FORMATS=all npm test -- test/formats.test.ts\`
all of them; with \`-u\` at its end it makes this page anew.
How each file is made stands in \`fixtures/hard\`. A frame rate is frames a second; qualities are named by their short side.`

/** The page of all files, each with what the house made of it; a file that could not be made here keeps its line. */
export function formatsPage({ ended, committed }: { ended: ReadonlyMap<string, Ended>; committed: string }): string {
  const row = ({ file, what }: HardFile): string[] => {
    const known = ended.get(file)
    return [`\`${file}\``, what, known === undefined ? kept({ file, committed }) : cameOut(known)]
  }
  const tables = hardFiles.map(({ title, files }) => {
    const head = ['file', 'what it is', 'what comes out']
    return `## ${title}\n\n${table({ head, rows: files.map(row) })}`
  })
  return `${[head, ...tables].join('\n\n')}\n`
}

function kept({ file, committed }: { file: string; committed: string }): string {
  const line = committed.split('\n').find((text) => text.startsWith(`| \`${file}\` `))
  return line?.split('|').at(-2)?.trim() ?? 'not made'
}

function cameOut(ended: Ended): string {
  if ('problem' in ended) return `\`${ended.problem}\`, at the door`
  const { asset } = ended
  const { kind, media } = asset
  if (asset.error) return `\`${asset.error['code']}\``
  if (kind === 'image') return `picture, ${media?.['width']}x${media?.['height']}`
  if (kind === 'audio') return `sound, ${Math.round(Number(media?.['duration']))} s`
  const qualities = asset.renditions.map(({ name }) => name).join(', ')
  const tracks = Number(media?.['audioTracks'])
  const sound = tracks === 0 ? 'no sound' : tracks === 1 ? 'sound' : `${tracks} sound tracks`
  const rate = asset.renditions[0]?.frameRate
  return `video, ${media?.['width']}x${media?.['height']} at ${rate}; ${qualities}; ${sound}`
}
