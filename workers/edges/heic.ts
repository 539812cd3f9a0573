import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '../../core/errors.ts'
import type { Size } from '../../core/media/renders.ts'
import { failureOf } from './ffmpeg-errors.ts'
import { defaultLimits } from './limits.ts'
import { ownProgram } from './own-program.ts'
import { runChild } from './process.ts'
import type { MediaTools } from './tools.ts'
import { walled } from './walls.ts'

/** Where a picture can be decoded by a child of ours. */
export type DecodeDesk = { tools: Pick<MediaTools, 'sandbox'>; scratch: string; signal: AbortSignal }
export type Pixels = Size & { data: Buffer; channels: 4 }

const program = fileURLToPath(new URL('heic-child.ts', import.meta.url))
const wallMs = 120_000
const pageBytes = 65_536

/** What libheif needs for its planes, their turned copy and their RGB, at up to 16 bits; a file whose picture is larger than it says stops here. */
const wasmBytes = ({ width, height }: Size) => 128 * 2 ** 20 + width * height * 24

/**
 * Decodes the main picture of a HEIC file, upright, in a process of its own: libheif as WebAssembly, without a network, with bounded memory and time.
 * Whoever calls has read the size from the header and found it small enough; colours are still those of the file.
 */
export async function decodeHeic(options: { bytes: Buffer; size: Size; desk: DecodeDesk }): Promise<Pixels> {
  const { bytes, size, desk } = options
  const { width, height } = size
  const source = path.join(desk.scratch, 'picture.heic')
  const target = path.join(desk.scratch, 'picture.rgba')
  try {
    await writeFile(source, bytes)
    await runDecoder({ args: [source, target, String(width), String(height)], size, desk })
    const data = await readFile(target)
    if (data.length !== width * height * 4) throw damaged(`${data.length} bytes of pixels for ${width}x${height}`)
    return { data, width, height, channels: 4 }
  } finally {
    await Promise.all([source, target].map((file) => rm(file, { force: true })))
  }
}

async function runDecoder({ args, size, desk }: { args: string[]; size: Size; desk: DecodeDesk }): Promise<void> {
  const pixelBytes = size.width * size.height * 4
  const limits = {
    ...defaultLimits,
    // Node and WebAssembly reserve far more addresses than they use; what is used is held by the pages below.
    memoryBytes: 6 * 2 ** 30 + wasmBytes(size) + pixelBytes,
    cpuSeconds: 100,
    fileBytes: pixelBytes,
  }
  const flags = [
    '--disable-wasm-trap-handler',
    `--wasm-max-mem-pages=${Math.ceil(wasmBytes(size) / pageBytes)}`,
    '--max-old-space-size=256',
  ]
  const { ended, stdout, stderrTail } = await runChild({
    argv: await walled({
      ...{ sandbox: desk.tools.sandbox, limits, cwd: desk.scratch, sees: ownProgram },
      program: [process.execPath, ...flags, program, ...args],
    }),
    cwd: desk.scratch,
    wallMs,
    signal: desk.signal,
    // libheif's own words.
    maxOutputBytes: 65_536,
  })
  if (ended.stopped === undefined && ended.code !== 0 && ended.code !== null)
    throw damaged(`${stderrTail} ${stdout.toString('utf8')}`)
  const failure = failureOf({ program: 'the HEIC decoder', ended, stderrTail, signal: desk.signal })
  if (failure) throw failure
}

const damaged = (why: string) =>
  new SluiceError('corrupt_media', { message: `The HEIC cannot be decoded: ${why.slice(-2000)}` })
