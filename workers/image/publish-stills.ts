import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../core/errors.ts'
import type { StillFormat, StillRole } from '../../core/media/renders.ts'
import { makeLanes } from '../edges/image-lanes.ts'
import type { Rendered } from '../edges/image-render.ts'
import type { PutFile, Workbench } from '../task.ts'

/** As much of the workbench as making still pictures takes. */
export type StillBench = Pick<Workbench, 'scratch' | 'signal' | 'guard'>

/** One published still picture, as a row of `outputs` tells it. Sizes are measured, not planned. */
export type StillOutput = {
  role: StillRole
  name: string
  key: string
  width: number
  height: number
  format: StillFormat
  bytes: number
  sha256: string
}

/** Checks each picture against its plan, and puts it where the plan says. */
export async function publishStills(options: {
  rendered: readonly Rendered[]
  bench: StillBench
  put: PutFile
}): Promise<StillOutput[]> {
  const { rendered, bench, put } = options
  rendered.forEach(assertAsPlanned)
  const inLane = makeLanes({ atMost: 4 })
  const results = await Promise.allSettled(rendered.map((still) => inLane(() => publishStill({ still, bench, put }))))
  // All have settled before any failure is told: nothing still reads the scratch folder when it is removed.
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

async function publishStill(options: { still: Rendered; bench: StillBench; put: PutFile }): Promise<StillOutput> {
  const { still, bench, put } = options
  const { render, width, height } = still
  const path = join(bench.scratch, render.file.replaceAll('/', '-'))
  await writeFile(path, still.bytes, { signal: bench.signal })
  bench.guard()
  const { key, bytes, sha256 } = await put(render.file, path)
  return { role: render.role, name: render.name, key, width, height, format: render.format, bytes, sha256 }
}

function assertAsPlanned({ render, width, height, bytes, format, hasMetadata }: Rendered): void {
  const mayShrink = render.maxBytes !== undefined
  const sized = mayShrink
    ? width <= render.width && height <= render.height
    : width === render.width && height === render.height
  const light = bytes.length <= (render.maxBytes ?? Number.POSITIVE_INFINITY)
  if (sized && light && format === render.format && !hasMetadata) return
  const planned = `${render.format} ${render.width}x${render.height}${mayShrink ? ` in ${render.maxBytes} bytes` : ''}`
  const made = `${format} ${width}x${height} in ${bytes.length} bytes${hasMetadata ? ' with metadata' : ''}`
  throw new SluiceError('output_invalid', { message: `${render.file} is ${made}, planned was ${planned}` })
}
